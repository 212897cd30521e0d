use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Enrolment: places, groups, the queue, offers; what each may see and do.

my $site = site(location => ['wenming_offers 24h 2h;']);
my $worker = $site->worker;
my $redis = $site->redis;
my $people = 0;


sub iso {
    return Wenming::Site::iso(@_);
}


# An event that begins in so many hours.

sub event {
    my ($hours, %o) = @_;

    return $site->event(start => iso(time + $hours * 3600),
                        end => iso(time + $hours * 3600 + 3600),
                        capacity => 2, %o);
}


sub someone {
    $people++;

    return { name => "居民$people", phone => $site->phone($people) };
}


# A new device that enrols; the browser knows its person from then on.

sub enrol {
    my ($event, %o) = @_;

    my $web = $site->browser;
    my $r = $web->post("api/events/$event/enrol", json => { %{someone()}, %o });

    return wantarray ? ($web, $r) : $r;
}


sub act {
    my ($web, $event, $what, %o) = @_;

    return $web->post("api/events/$event/enrol/$what", json => \%o);
}


sub state_of {
    my ($web, $event) = @_;

    my ($mine) = grep { $_->{event} eq $event }
                 @{$web->get('api/me/enrolments')->json->{items}};

    return $mine ? join ' ', $mine->{status}, $mine->{position} || () : 'none';
}


sub counts {
    my ($event) = @_;

    my $doc = $site->browser->get("api/events/$event")->json;

    return join ' ', @$doc{qw(enrolment taken waiting)};
}


# ---- two places, and who comes third

my $event = event(72);

is counts($event), 'open 0 0', 'nobody yet';

my ($first, $r) = enrol($event);

is $r->{status}, 201, 'a place';
is $r->json->{status}, 'seated', 'at once';
is $r->json->{position}, 0, 'without a queue';
is counts($event), 'open 1 0', 'which everyone sees at once';

my ($second) = enrol($event);

is counts($event), 'full 2 0', 'now it is full';
(my $third, $r) = enrol($event);
is $r->{status}, 201, 'the third is taken too';
is join(' ', @{$r->json}{qw(status position)}), 'waiting 1', 'but waits';
(my $fourth, $r) = enrol($event);
is join(' ', @{$r->json}{qw(status position)}), 'waiting 2', 'then the next';
is counts($event), 'full 2 2', 'and all of it is counted';

$r = $third->post("api/events/$event/enrol", json => {});
is $r->{status}, 200, 'a second time changes nothing';
is join(' ', @{$r->json}{qw(status position)}), 'waiting 1', 'same position';
is state_of($fourth, $event), 'waiting 2', 'the list of a device says so';
is state_of($site->browser, $event), 'none', 'another device has none';

problem(act($site->browser, $event, 'cancel'), 404, 'not_found', undef,
        'nobody');
problem(act($second, $event, 'cancel',
            person => $first->get('api/me/enrolments')->json
                            ->{items}[0]{person}), 404, 'not_found', undef,
        'another device cannot cancel it');


# ---- who leaves makes room

$r = act($first, $event, 'cancel');
is $r->{status}, 200, 'cancelled';
is $r->json->{status}, 'cancelled', 'as it says';
is act($first, $event, 'cancel')->{status}, 200, 'twice is no error';
is state_of($third, $event), 'seated', 'the next has the seat at once';
is state_of($fourth, $event), 'waiting 1', 'and the others move up';
is counts($event), 'full 2 1', 'nothing is left over';

$r = $first->post("api/events/$event/enrol", json => {});
is join(' ', @{$r->json}{qw(status position)}), 'waiting 2',
   'who comes back is the last';
is act($fourth, $event, 'cancel')->{status}, 200, 'one leaves the queue';
is state_of($first, $event), 'waiting 1', 'so the last is the first';

my @verbs = map { $_->{verb} } $site->journal;

is scalar(grep { $_ eq 'enrol.cancel' } @verbs), 2, 'one entry for each';


# ---- more room, and less

$r = $worker->patch("api/staff/events/$event", json => { capacity => 3 });
is $r->{status}, 200, 'a seat more';
is state_of($first, $event), 'seated', 'for who waits';
$worker->patch("api/staff/events/$event", json => { capacity => 1 });
is counts($event), 'full 3 0', 'fewer: nobody loses a seat';


# ---- groups: nobody is overtaken

$event = event(72, capacity => 4, group_max => 3);
my ($group) = enrol($event, seats => 3);
my ($pair, $r2) = enrol($event, seats => 2);

is $r2->json->{status}, 'waiting', 'two do not fit';
(my $single, $r) = enrol($event);
is join(' ', @{$r->json}{qw(status position)}), 'waiting 2',
   'one would, but does not overtake';
problem(scalar enrol($event, seats => 4), 422, 'invalid', ['seats'],
        'more than one may take');
problem(scalar enrol($event, seats => 0), 422, 'invalid', ['seats'], 'none');
act($group, $event, 'cancel');
is join(',', state_of($pair, $event), state_of($single, $event)),
   'seated,seated', 'three seats freed serve both';
is counts($event), 'open 3 0', 'and one is left';


# ---- shortly before the start, a seat is offered

$event = event(5, capacity => 1);
($first) = enrol($event);
($second) = enrol($event);
($third) = enrol($event);
($fourth) = enrol($event);
act($first, $event, 'cancel');
is state_of($second, $event), 'offered', 'an offer';
is counts($event), 'full 1 2', 'the seat is held';

my $mine = $second->get('api/me/enrolments')->json->{items}[0];
like $mine->{until}, qr/^\d{4}-/, 'with a time';
problem(act($third, $event, 'accept'), 409, 'state', undef,
        'who waits has nothing to accept');
is act($second, $event, 'decline')->json->{status}, 'declined', 'declined';
is state_of($third, $event), 'offered', 'then the next';
is act($third, $event, 'accept')->json->{status}, 'seated', 'accepted';
is act($third, $event, 'accept')->{status}, 200, 'twice is no error';
is counts($event), 'full 1 1', 'the seat is taken';

act($third, $event, 'cancel');
is state_of($fourth, $event), 'offered', 'again one';


# Time that cannot wait: the record says that the offer is over.

sub run_out {
    my ($web, $event) = @_;

    my $person = $web->get('api/me/enrolments')->json->{items}[0]{person};
    my $key = $site->key("enrol:$event");
    my @record = split /:/, $redis->call('HGET', $key, $person), -1;

    $record[3] = int(time * 1000) - 1;
    $redis->call('HSET', $key, $person, join ':', @record);
    $redis->call('ZADD', $site->key("offers:$event"), $record[3], $person);
}


run_out($fourth, $event);
is state_of($fourth, $event), 'declined', 'an offer that has run out';
problem(act($fourth, $event, 'accept'), 409, 'offer_over', undef,
        'cannot be accepted');
is counts($event), 'open 0 0', 'and the seat is free';

(my $fifth, $r) = enrol($event);
is $r->json->{status}, 'seated', 'for the next who comes';
my ($sixth) = enrol($event);
my ($seventh) = enrol($event);
act($fifth, $event, 'cancel');
run_out($sixth, $event);
(my $eighth, $r) = enrol($event);
is state_of($seventh, $event), 'offered',
   'whoever touches the list ends an offer that has run out';
is join(' ', @{$r->json}{qw(status position)}), 'waiting 1',
   'without overtaking';

run_out($seventh, $event);
my ($rc, $said) = $site->tool('offers');
is $rc, 0, 'wenming offers' or diag $said;
is state_of($eighth, $event), 'offered', 'does so too';
like $said, qr/\b1 event\b/, 'and says so';
($rc, $said) = $site->tool('offers');
like $said, qr/\b0 events\b/, 'once';


# ---- when

problem(scalar enrol(event(72, enrol_from => iso(time + 3600))), 409,
        'enrol_early', undef, 'not yet');
problem(scalar enrol(event(72, enrol_until => iso(time - 60))), 409, 'enrol_over',
        undef, 'no more');
problem(scalar enrol(event(-0.5)), 409, 'enrol_over', undef, 'it has begun');
problem(scalar enrol(event(72, capacity => 0)), 409, 'no_enrol', undef,
        'no capacity, no enrolment');
problem(scalar enrol(event(72, enrol => 'none')), 409, 'no_enrol', undef,
        'or not wanted');
is enrol(event(72, capacity => 0, enrol => 'open'))->json->{status},
   'seated', 'without a limit, when wanted';
problem(scalar enrol($site->event(draft => 1, capacity => 3)), 404, 'not_found',
        undef, 'a draft is nothing to know of');
problem(scalar enrol(999_999), 404, 'not_found', undef, 'no event');
problem($site->browser->post("api/events/$event/enrol", json => {}), 422,
        'invalid', [qw(name phone)], 'nobody');
problem($worker->patch("api/staff/events/$event", json => {
            enrol_from => iso(time + 60), enrol_until => iso(time) }), 422,
        'invalid', ['enrol_until'], 'times in the wrong order');

my $gone = event(72);
my ($seated) = enrol($gone);
$worker->post("api/staff/events/$gone/cancel");
is state_of($seated, $gone), 'cancelled', 'a cancelled event ends all';
is counts($gone), 'cancelled 1 0', 'for everyone to see';
problem(scalar enrol($gone), 409, 'state', undef, 'nobody enrols any more');


# ---- taps, and keys

$event = event(72);
my $web = $site->browser;
my %who = %{someone()};
my @taps = at_once(map { [$web, 'POST', "api/events/$event/enrol",
                          json => \%who] } 1 .. 8);

is join(' ', sort map { $_->{status} } @taps), join(' ', (200) x 7, 201),
   'eight taps are one place';
is counts($event), 'open 1 0', 'and one seat';

my %key = (headers => { 'Idempotency-Key' => 'enrol-1' });
my %other = %{someone()};
my @twice = map { $site->browser->post("api/events/$event/enrol",
                                       json => \%other, %key) } 1 .. 2;
is join(' ', map { $_->{status} } @twice), '201 201',
   'the same key gets the same answer';
is $twice[0]->json->{person}, $twice[1]->json->{person}, 'of the same person';
is counts($event), 'full 2 0', 'once';

$web = $site->browser;
$web->post("api/events/$event/enrol", json => { %{someone()}, who => 'new' });
$r = $web->post("api/events/$event/enrol", json => {
    %{someone()}, who => 'family' });
is $r->{status}, 201, 'somebody of the family';
is scalar(@{$web->get('api/me/enrolments')->json->{items}}), 2,
   'is in the list of the device';
is $web->get('api/me')->json->{name}, "居民" . ($people - 1),
   'which stays its owner\'s';


# ---- walking in

my $open = $site->event(capacity => 1);
my $closed = $site->event(capacity => 1, walk_in => 'no');

is $site->check_in($site->browser, $open, '路人', $site->phone(++$people))
        ->{status}, 201, 'whoever comes may check in';

$web = $site->browser;
my $ticket = $site->ticket($web, $closed);
problem($web->post('api/c', json => { ticket => $ticket, who => 'new',
                                      %{someone()} }), 409, 'no_place', undef,
        'but not where a place is needed');
page($site->check_in($site->browser, $closed, '路人',
                     $site->phone(++$people)), 409,
     ['要先报名', '工作人员'], 'which says what to do');

%who = %{someone()};
is $worker->post("api/staff/events/$closed/enrolments", json => \%who)
          ->json->{status}, 'seated', 'a worker enrols by hand';
is $web->post('api/c', json => { ticket => $ticket, who => 'new', %who })
       ->{status}, 201, 'who then may check in';
is $web->post('api/c', json => { ticket => $ticket, who => 'new', %who })
       ->{status}, 200, 'and is told so again';
is $worker->post("api/staff/events/$closed/attendance", json => someone())
          ->{status}, 201, 'a worker can write down anybody';


# ---- the workers' list

my $list = $worker->get("api/staff/events/$closed/enrolments")->json;

is scalar(@{$list->{items}}), 1, 'one has a place';
is $list->{items}[0]{name}, $who{name}, 'by name';
is $list->{items}[0]{present}, JSON::PP::true(), 'and came';
like $list->{items}[0]{phone}, qr/^139\*{4}\d{4}$/, 'the phone is masked';

my ($present) = grep { $_->{name} eq $who{name} }
                @{$site->roster($closed)->{items}};
is $present->{enrolled}, JSON::PP::true(), 'the roster says: enrolled';
is scalar(grep { !$_->{enrolled} } @{$site->roster($closed)->{items}}), 1,
   'and who was not';

$event = event(72, capacity => 1);
$worker->post("api/staff/events/$event/enrolments",
              json => { name => '=cmd()' });
(undef, $r) = enrol($event);
(undef, $r2) = enrol($event);
$list = $worker->get("api/staff/events/$event/enrolments")->json;
is join(',', map { "$_->{status} $_->{position}" } @{$list->{items}}),
   'seated 0,waiting 1,waiting 2', 'places, then the queue in its order';
is $list->{items}[2]{person}, $r2->json->{person}, 'as they came';

my $csv = $worker->get("api/staff/events/$event/enrolments.csv");
like $csv->type, qr{^text/csv}, 'the same as CSV';
like $csv->text, qr/"?'=cmd\(\)/, 'where a formula is text';
unlike $csv->text, qr/,=cmd/, 'and nothing else';

my ($head, @rows) = split /\r\n/, $csv->text;
is_deeply [map { tr/,// } @rows], [($head =~ tr/,//) x 3],
   'each row as wide as the head';

is $worker->post("api/staff/events/$event/enrolments/cancel",
                 json => { person => $list->{items}[0]{person} })
          ->json->{status}, 'cancelled', 'a worker takes a place away';
$list = $worker->get("api/staff/events/$event/enrolments")->json;
is join(',', map { "$_->{status} $_->{position}" } @{$list->{items}}),
   'seated 0,waiting 1,cancelled 0', 'and the next has it';
problem($worker->post("api/staff/events/$event/enrolments/cancel",
                      json => { person => 'A' x 16 }), 404, 'not_found',
        undef, 'nobody of that id');
problem($site->staff(role => 'auditor')->post(
            "api/staff/events/$event/enrolments", json => someone()), 403,
        'forbidden', undef, 'an auditor only reads');
is $site->staff(unit => 'wenyilu')
        ->get("api/staff/events/$event/enrolments")->{status}, 200,
   'a worker of the unit';


# ---- as pages

$event = event(5, capacity => 1, title => '亲子阅读', group_max => 2);
$web = $site->browser;
page($web->get("event/$event"), 200, ['可以报名', '我要报名'],
     'the page of the event');
my $page = $web->get("enrol/$event");
page($page, 200, ['亲子阅读', '请填写报名人', '一共几个人来'],
     'the page of the form');
unlike $page->header('cache-control') || '', qr/public|max-age=[1-9]/,
       'which is not cached';
page($site->send_form($web, $page, { name => '', phone => '', seats => 1 }),
     422, ['这一项必须填写'], 'what is wrong is said in the form');
%who = %{someone()};
$r = $site->send_form($web, $page, { %who, seats => 1 });
page($r, 201, ['报名成功', $who{name}], 'enrolled');
page($site->send_form($web, $page, { %who, seats => 1 }), 201,
     ['报名成功'], 'the button twice is one');
$page = $web->get("enrol/$event");
page($page, 200, ['您已报名', $who{name}, '查看或取消我的报名', '不是我'],
     'known from now on, and what can be done');
unlike $page->text, qr/提交报名|提交候补/, 'without the form again';
page($web->get("enrol/$event?who=family"), 200,
     ['请填写家人的姓名', '提交候补'], 'which is there for others');

my $next = $site->browser;
%other = %{someone()};
page($site->send_form($next, $next->get("enrol/$event"), {
         %other, seats => 1 }), 201, ['候补第 1 位'], 'the next waits');
page($next->get('enrolments'), 200, ['亲子阅读', '候补第 1 位', '取消候补'],
     'and sees it in the list');
unlike $next->get('enrolments')->text, qr/取消报名/, 'which is no enrolment yet';
page($next->get("enrol/$event"), 200, ['您已在候补', '候补第 1 位'],
     'as does the page of the form');
page($site->browser->get("event/$event"), 200, ['我要候补'],
     'the page of a full event');
page($site->browser->get("enrol/$event"), 200, ['提交候补'],
     'and its form say what one gets');
page($web->get('enrolments'), 200, ['亲子阅读', '取消报名'],
     'the list of the first');
$r = $site->send_form($web, $web->get('enrolments'), {}, qr/cancel$/);
is $r->{status}, 303, 'the button cancels';
page($web->get('enrolments'), 200, ['已取消'], 'as the list says');
page($next->get('enrolments'), 200, ['有名额', '确认参加'], 'an offer');
page($next->get("enrol/$event"), 200, ['有名额', '去确认'],
     'also where one enrols');
page($web->get("enrol/$event"), 200, ["您好，", $who{name}, '提交候补'],
     'who cancelled has the form again');
$r = $site->send_form($next, $next->get('enrolments'), {}, qr/accept$/);
is $r->{status}, 303, 'the button accepts';
page($next->get('enrolments'), 200, ['报名成功'], 'as the list says');
page($site->browser->get('enrolments'), 200, ['本机还没有报过名'],
     'an empty list');

$page = $worker->get("staff/events/$event/enrolments");
page($page, 200, [$other{name}, '代为报名', '取消名额'],
     'the page of the workers');
%who = %{someone()};
$r = $site->send_form($worker, $page, { %who, seats => 1 },
                      qr/enrolments$/);
is $r->{status}, 303, 'enrols by hand';
page($worker->get("staff/events/$event/enrolments"), 200,
     [$who{name}, '候补第 1 位'], 'as the page says');
$r = $site->send_form($worker, $page, {}, qr{enrolments/cancel$});
is $r->{status}, 303, 'and takes a place away';
is state_of($next, $event), 'cancelled', 'as who had it sees';

$page = $worker->get("staff/events/$event");
page($page, 200, ['报名名单', '每人最多报几个名额'], 'the form of an event');
$r = $site->send_form($worker, $page, {
    title => '亲子阅读', place => '大厅', audience => '居民',
    content => '读书', unit => 'wenyilu-1', capacity => 1, group_max => 3,
    walk_in => 'no', enrol => 'open', enrol_from => '', enrol_until => '',
    start => substr(iso(time + 13 * 3600), 0, 16),
    end => substr(iso(time + 15 * 3600), 0, 16) }, qr{staff/events/\d+$});
is $r->{status}, 303, 'changes how one enrols';
my $doc = $worker->get("api/staff/events/$event")->json;
is join(' ', @$doc{qw(enrol walk_in group_max)}), 'open no 3', 'all of it';
page($site->browser->get("event/$event"), 200, ['没有名额不能签到'],
     'which the public is told');

# ---- the list page by page: seats, then the queue in its order

{
    my $full = $site->event(capacity => 2,
                            start => Wenming::Site::iso(time + 5 * 86400),
                            end => Wenming::Site::iso(time + 5 * 86400 + 60));
    my $path = "api/staff/events/$full/enrolments";
    my (@told, $cursor);

    for my $n (1 .. 6) {
        $site->worker->post($path, json => { name => "候补$n" });
    }

    for (1 .. 6) {
        my $doc = $site->worker->get($path, query => {
            limit => 2, defined $cursor ? (cursor => $cursor) : () })->json;

        push @told, map { "$_->{name}:$_->{position}" } @{$doc->{items}};
        $cursor = $doc->{next};
        last if !defined $cursor;
    }

    is "@told", '候补1:0 候补2:0 候补3:1 候补4:2 候补5:3 候补6:4',
       'the list of places, page by page';

    # the last of a page gives the place back: the next page goes on all the same

    my $first = $site->worker->get("$path?limit=2")->json;

    $site->worker->post("$path/cancel",
                        json => { person => $first->{items}[1]{person} });
    is_deeply [map { $_->{name} }
               @{$site->worker->get("$path?limit=2&cursor=$first->{next}")
                     ->json->{items}}], ['候补3', '候补4'],
              'who moves takes nobody with him';
}

end();
