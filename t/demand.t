use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Demand: orders for one course at one place become one event in one step,
# and whoever asked has the first places.

my $site = site();
my $redis = $site->redis;
my $worker = $site->worker;
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;
my @people;


sub ordered {
    my (%change) = @_;

    my $web = $site->browser;
    my $phone = $site->phone(++$people);
    my $r = $web->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
        head_count => 10, contact_name => "居民$people", phone => $phone,
        %change });

    die "not ordered: $r->{status}" if $r->{status} != 201;

    return { id => $r->json->{id}, web => $web, phone => $phone };
}


sub event {
    my (%change) = @_;

    my %event = ( title => '集中安排的课', unit => 'wenyilu-1', course => 'law-01',
             place => '二楼会议室', audience => '居民', content => '内容',
             start => "${day}T09:00", end => "${day}T10:30", capacity => 40,
             %change);

    delete $event{$_} for grep { !defined $event{$_} } keys %event;

    return \%event;
}


sub places {
    my ($one) = @_;

    return [map { "$_->{event} $_->{status} $_->{seats} $_->{position}" }
            @{$one->{web}->get('api/me/enrolments')->json->{items}}];
}


sub state_of {
    my ($one) = @_;

    return $worker->get("api/staff/orders/$one->{id}")->json->{status};
}


# ---- what is asked for

is_deeply $worker->get('api/staff/demand')->json, { items => [], more => JSON::PP::false() },
          'nobody asked for anything';
page($worker->get('staff/demand'), 200, ['没有等待排课的点单'],
     'and its page says so');

my @four = (ordered(head_count => 25), ordered(head_count => 12),
            ordered(head_count => 20), ordered(head_count => 1));
my $elsewhere = ordered(unit => 'huoxing-1');
my $other = ordered(course => 'party-01');

my $items = $worker->get('api/staff/demand')->json->{items};

is scalar @$items, 3, 'three courses and places';
is_deeply [@{$items->[0]}{qw(course unit count head_count)}],
          ['law-01', 'wenyilu-1', 4, 58], 'the most wanted comes first';
is_deeply [map { $_->{id} } @{$items->[0]{orders}}], [map { $_->{id} } @four],
          'with its orders, the oldest first';
ok !(grep { exists $_->{phone} || exists $_->{contact_name} }
     @{$items->[0]{orders}}), 'and nothing personal';
is_deeply [map { $_->{course} }
           @{$site->staff(unit => 'wenyilu')->get('api/staff/demand')
                 ->json->{items}}],
          ['law-01', 'party-01'], 'a worker sees the own scope';
is $site->browser->get('api/staff/demand')->{status}, 401,
   'nobody else sees it';

my $page = $worker->get('staff/demand');

page($page, 200, ['集中排课', '文艺路街道示例社区一新时代文明实践站',
                  $four[0]{id}], 'the page has them too');


# ---- as one event

my $new = $worker->get('staff/events/new', query =>
    { orders => join ',', map { $_->{id} } @four, $elsewhere });

page($new, 200, ['本场活动的点单', '>68<'], 'the form knows its orders');

my $before = $site->journal_length;
my $r = $worker->post('api/staff/events', json =>
    event(orders => [map { $_->{id} } @four], publish => 1, place => undef));

problem($r, 422, 'invalid', ['place'],
        'nothing is published without a place');
is $site->journal_length, $before, 'and nothing is written';

my %key = ('Idempotency-Key' => 'one-step');
my $body = event(orders => [map { $_->{id} } @four], publish => 1);

$r = $worker->post('api/staff/events', json => $body, headers => \%key);
is $r->{status}, 201, 'one step';
is $r->json->{status}, 'published', 'and it is public';
is $site->journal_length, $before + 1, 'in one commit';

my $event = $r->json->{id};
my $again = $worker->post('api/staff/events', json => $body,
                          headers => \%key);

is_deeply $again->json, $r->json, 'a repeat is the same event';
is_deeply [map { state_of($_) } @four], [('scheduled') x 4],
          'all orders are planned';
is $site->browser->get("api/events/$event")->{status}, 200,
   'everybody can see it';


# ---- who asked comes first

is_deeply places($four[0]), ["$event seated 25 0"],
          'the first has places for all';
is_deeply places($four[1]), ["$event seated 12 0"], 'the second too';
is_deeply places($four[2]), ["$event waiting 20 1"],
          'the third does not fit any more and waits first';
is_deeply places($four[3]), ["$event waiting 1 2"],
          'nobody is overtaken';

my $late = $site->browser;

$r = $late->post("api/events/$event/enrol", json =>
    { name => '后来的人', phone => $site->phone(++$people) });
is $r->json->{status}, 'waiting', 'who comes later waits';
is $r->json->{position}, 3, 'behind those who asked';

my ($mine) = @{$four[0]{web}->get('api/me/enrolments')->json->{items}};

is $four[0]{web}->post("api/events/$event/enrol/cancel",
                       json => { person => $mine->{person} })->{status}, 200,
   'a place can be given back';
is_deeply places($four[2]), ["$event seated 20 0"],
          'and goes to the next who asked';
is_deeply places($four[3]), ["$event seated 1 0"], 'and the next';

is $worker->get('api/staff/demand')->json->{items}[0]{count}, 1,
   'they do not ask any more';


# ---- by phone, by the same person, without places

my $clerk = $site->staff(unit => 'wenyilu', name => 'clerk');

$r = $clerk->post('api/staff/orders', json =>
    { course => 'law-02', unit => 'wenyilu-1', wanted => [$day],
      head_count => 3, contact_name => '没有手机的老人',
      phone => $site->phone(++$people) });
is $r->{status}, 201, 'an order by phone';

my @same = map { ordered(course => 'law-02', contact_name => '热心居民',
                         phone => $site->phone(99), head_count => $_) } 2, 5;
my @ids = ($r->json->{id}, map { $_->{id} } @same);

$event = $worker->post('api/staff/events', json =>
    event(course => 'law-02', orders => \@ids, publish => 1))->json->{id};

my @list = @{$worker->get("api/staff/events/$event/enrolments")
                 ->json->{items}};

is_deeply [map { "$_->{name} $_->{status} $_->{seats}" } @list],
          ['没有手机的老人 seated 3', '热心居民 seated 7'],
          'one place for each person, for all that were asked for';

$event = $worker->post('api/staff/events', json =>
    event(orders => [$other->{id}], course => 'party-01', capacity => 0,
          publish => 1))->json->{id};
is_deeply places($other), [], 'no places where nobody has to enrol';


# enrolment that is opened later begins with them too

is $worker->patch("api/staff/events/$event", json => {
    enrol => 'open', capacity => 8 })->{status}, 200, 'enrolment is opened';
is_deeply places($other), ["$event seated 8 0"],
          'who ordered has all the seats there are';
is $worker->patch("api/staff/events/$event", json => { enrol => 'none' })
          ->{status}, 200, 'it is closed';
is $worker->patch("api/staff/events/$event", json => { enrol => 'open' })
          ->{status}, 200, 'and opened again';
is_deeply places($other), ["$event seated 8 0"], 'which changes nothing';


# ---- what cannot be planned

$r = $site->staff(unit => 'huoxing', name => 'beside')
          ->post('api/staff/events', json =>
                 event(unit => 'huoxing-1', orders => [$ids[0]],
                       publish => 1));
problem($r, 422, 'invalid', ['orders'], 'not what others have to plan');

my $given = ordered();

$worker->post("api/staff/orders/$given->{id}/dispatch",
              json => { team => 'wenyilu-squad' });
$before = $site->journal_length;
$r = $worker->post('api/staff/events', json =>
    event(orders => [$given->{id}], publish => 1));
problem($r, 409, 'state', undef, 'nor what a team has not answered yet');
is $site->journal_length, $before, 'and nothing is written';
is state_of($given), 'dispatched', 'the team still has it';


# ---- by the page

my @two = (ordered(course => 'law-03'), ordered(course => 'law-03'));
my $form = $worker->get('staff/events/new', query =>
    { orders => join ',', map { $_->{id} } @two });
my ($filled) = grep { $_->{action} =~ m{/staff/events$} } $form->forms;

is $filled->{hidden}{orders}, join(',', map { $_->{id} } @two),
   'the form has both orders';

my %sent = (%{$filled->{hidden}}, %{event(course => 'law-03')});

$r = $worker->post('staff/events', form => { %sent, publish => 1 });
is $r->{status}, 303, 'sent with the button that publishes';
is_deeply [map { state_of($_) } @two], [('scheduled') x 2],
          'both are planned';
page($worker->get($r->header('location') =~ s{.*/wenming/}{}r), 200,
     ['本场活动的点单', '已排课'], 'the event says what it was made for');


# ---- a course that opens when enough people ask

$redis->call('HSET', $site->key('courses'), 'law-04',
             '{"title":"人多才开的课","provider":"区司法局","opens_at":2}');
is $site->browser->get('api/courses/law-04')->json->{opens_at}, 2,
   'a course says how many orders it needs';
ordered(course => 'law-04');
($items) = grep { $_->{course} eq 'law-04' }
           @{$worker->get('api/staff/demand')->json->{items}};
ok !$items->{enough}, 'one is not enough';
ordered(course => 'law-04');
($items) = grep { $_->{course} eq 'law-04' }
           @{$worker->get('api/staff/demand')->json->{items}};
ok $items->{enough}, 'two are';
page($site->browser->get('course/law-04'), 200, ['满', '单开课'],
     'and residents read it');

my ($rc, $said) = $site->tool('audit');

is $rc, 0, 'the journal is whole' or diag $said;

end();
