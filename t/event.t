use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Events: draft, published, cancelled; what the public sees of them.

my $site = site();
my $web = $site->browser;
my $worker = $site->worker;


sub create {
    my ($body) = @_;

    return $worker->post('api/staff/events', json => $body);
}


sub iso {
    return Wenming::Site::iso(@_);
}


# ---- a draft

my $r = create({ title => '社区讲座' });
my $id = $r->json->{id};

is $r->{status}, 201, 'a title is enough for a draft';
is $r->json->{status}, 'draft', 'and it is one';
like $id, qr/^[1-9]\d*$/, 'its id is a number that people can type';

problem($web->get("api/events/$id"), 404, 'not_found', undef,
        'the public does not see a draft');
is $web->get("event/$id")->{status}, 404, 'nor its page';
ok !(grep { $_->{id} eq $id } @{$web->get('api/timetable')->json->{items}}),
   'nor in the timetable';
problem($worker->get("api/staff/events/$id/code"), 409, 'state', undef,
        'a draft has no codes');

$r = $worker->get("api/staff/events/$id");
is $r->json->{status}, 'draft', 'the worker sees it';
ok defined $r->json->{version}, 'with its version';
ok scalar(grep { $_->{id} eq $id }
          @{$worker->get('api/staff/events')->json->{items}}),
   'and in the list';


# ---- what must be there before publishing

my %all = (place => '一活动室', audience => '社区居民',
           content => "第一行\n第二行", start => iso(time + 86400),
           end => iso(time + 90000));

$r = $worker->post("api/staff/events/$id/publish", json => {});
problem($r, 422, 'incomplete', [keys %all], 'what is missing is named');

my @left = sort keys %all;

while (@left) {
    my $name = shift @left;

    $r = $worker->patch("api/staff/events/$id",
                        json => { $name => $all{$name} });
    is $r->{status}, 200, "PATCH $name";

    $r = $worker->post("api/staff/events/$id/publish", json => {});
    problem($r, 422, 'incomplete', [@left], 'the rest is still missing')
        if @left;
}

is $r->{status}, 200, 'complete, it is published';
is $r->json->{status}, 'published', 'and says so';
is $worker->post("api/staff/events/$id/publish", json => {})->{status}, 200,
   'twice is no error';
is scalar(grep { $_->{verb} eq 'event.publish' } $site->journal), 1,
   'and one entry';


# ---- published

my $event = $web->get("api/events/$id")->json;

is $event->{title}, '社区讲座', 'the public sees it at once';
is $event->{$_}, $all{$_}, "its $_" for qw(place audience content);
like $event->{start}, qr/\+08:00$/, 'its beginning, in local time';
is $event->{present}, 0, 'nobody there yet';
ok !exists $event->{$_}, "no $_ for the public" for qw(orders version);

page($web->get("event/$id"), 200,
     ['社区讲座', '一活动室', '社区居民', '第一行'], 'its page');
ok scalar(grep { $_->{id} eq $id }
          @{$web->get('api/timetable')->json->{items}}), 'in the timetable';
ok scalar(grep { $_->{id} eq $id }
          @{$web->get('api/timetable', query => { unit => 'furong' })
                ->json->{items}}), 'of its unit';

$r = $worker->patch("api/staff/events/$id", json => { place => '二活动室' });
is $r->json->{place}, '二活动室', 'it can be changed';
is $web->get("api/events/$id")->json->{place}, '二活动室',
   'and the public sees it at once';
problem($worker->patch("api/staff/events/$id", json => { place => '' }), 422,
        'invalid', ['place'], 'what is mandatory cannot be taken away');
is $web->get("api/events/$id")->json->{place}, '二活动室', 'it is still there';

$r = $worker->patch("api/staff/events/$id",
                    json => { start => iso(time + 5 * 86400),
                              end => iso(time + 5 * 86400 + 600) });
is $r->{status}, 200, 'it can be moved to another day';

my $day = substr $r->json->{start}, 0, 10;

ok scalar(grep { $_->{id} eq $id }
          @{$web->get('api/timetable', query => { from => $day, to => $day })
                ->json->{items}}), 'and the timetable has it there';


# ---- what cannot be

my @wrong = (
    [{ title => '' }, ['title'], 'no title'],
    [{ title => 'x' x 81 }, ['title'], 'a title without end'],
    [{ title => "a\nb" }, ['title'], 'a title of two lines'],
    [{ title => '甲', unit => 'nothing' }, ['unit'], 'no such unit'],
    [{ title => '甲', course => 'nothing' }, ['course'], 'no such course'],
    [{ title => '甲', start => 'tomorrow' }, ['start'], 'no instant'],
    [{ title => '甲', start => '2026-13-01T10:00' }, ['start'], 'month 13'],
    [{ title => '甲', start => iso(time + 600), end => iso(time) }, ['end'],
     'the end before the start'],
    [{ title => '甲', capacity => 'x' }, ['capacity'], 'no number'],
    [{ title => '甲', orders => ['0000000000000000'] }, ['orders'],
     'no such order'],
    [{ title => '甲', orders => [1] }, ['orders'], 'a number for an order'],
    [{ title => '甲', status => 'published' }, ['status'],
     'a status given by hand'],
);

my $before = $site->journal_length;

problem(create($_->[0]), 422, 'invalid', $_->[1], $_->[2]) for @wrong;
is $site->journal_length, $before, 'none of it was applied';

problem($worker->get('api/staff/events/999999'), 404, 'not_found', undef,
        'an event that is not there');
problem($worker->patch('api/staff/events/999999', json => { title => 'x' }),
        404, 'not_found', undef, 'cannot be changed');
problem($worker->get("api/staff/events/$_"), 404, 'not_found', undef,
        "$_ is no event") for "0$id", '-1', '1x', 'x', '4294967296';


# ---- two who change it at the same moment

my @both = at_once(map { [$worker, 'PATCH', "api/staff/events/$id",
                          json => { content => "版本 $_" }] } 1 .. 6);

ok !(grep { $_->{status} !~ /^(?:200|409)$/ } @both),
   'at the same moment: ' . join ' ', map { $_->{status} } @both;

my @done = grep { $_->{status} == 200 } @both;
my $content = $web->get("api/events/$id")->json->{content};

ok scalar(grep { $_->json->{content} eq $content } @done),
   'what stands is what somebody was told';


# ---- as forms

my $page = $worker->get('staff/events/new');

page($page, 200, ['新建活动'], 'the page of a new event');

my $local = substr iso(time + 8 * 3600 - 1800), 0, 16;
my $later = substr iso(time + 10 * 3600), 0, 16;

$r = $site->send_form($worker, $page, {
    title => '健康讲座', unit => 'wenyilu', course => '', place => '',
    audience => '老人', content => '测血压', start => $local, end => $later,
    capacity => '' }, qr{staff/events$});
like $r->{status}, qr/^(?:201|303)$/, 'saves a draft';

my ($draft) = grep { $_->{title} eq '健康讲座' }
              @{$worker->get('api/staff/events')->json->{items}};

is $draft->{status}, 'draft', 'which is there';
is $draft->{start}, "$local:00+08:00", 'in local time';

$page = $worker->get("staff/events/$draft->{id}");
page($page, 200, ['健康讲座', '还缺', '地点'],
     'its page says what is missing');
$r = $site->send_form($worker, $page,
                      { title => '健康讲座', place => '大厅',
                        unit => 'wenyilu', start => $local, end => $later,
                        audience => '老人', content => '测血压' },
                      qr{staff/events/\d+$});
like $r->{status}, qr/^(?:200|303)$/, 'the form changes it';
$page = $worker->get("staff/events/$draft->{id}");
$r = $site->send_form($worker, $page, {}, qr/publish$/);
like $r->{status}, qr/^(?:200|303)$/, 'the button publishes it';
is $web->get("api/events/$draft->{id}")->json->{status}, 'published',
   'and it is public';

$page = $worker->get("staff/events/$draft->{id}");
like $page->text, qr{screen/$draft->{id}\?pass=}, 'with a link to the screen';
$r = $site->send_form($worker, $page, { title => '' },
                      qr{staff/events/\d+$});
page($r, 422, ['这一项必须填写'], 'what is wrong is said in the form');


# ---- cancelled

$r = $worker->post("api/staff/events/$id/cancel", json => {});
is $r->json->{status}, 'cancelled', 'it is cancelled';
is $worker->post("api/staff/events/$id/cancel", json => {})->{status}, 200,
   'twice is no error';
is $web->get("api/events/$id")->json->{status}, 'cancelled',
   'whoever meant to come sees that';
page($web->get("event/$id"), 200, ['这场活动已取消'], 'the page says so');
problem($worker->patch("api/staff/events/$id", json => { title => '乙' }),
        409, 'state', undef, 'it cannot be changed any more');
problem($worker->post("api/staff/events/$id/publish", json => {}), 409,
        'state', undef, 'nor published again');

$r = create({ title => '从未发布' });
my $never = $r->json->{id};
is $worker->post("api/staff/events/$never/cancel", json => {})->{status}, 200,
   'a draft can be cancelled';
problem($web->get("api/events/$never"), 404, 'not_found', undef,
        'the public has never heard of it');


# ---- what began yesterday and goes on belongs to today

my $long = $site->event(title => '通宵', start => Wenming::Site::iso(time - 30 * 3600),
                        end => Wenming::Site::iso(time + 3600));
my $past = $site->event(title => '昨天', start => Wenming::Site::iso(time - 60 * 3600),
                        end => Wenming::Site::iso(time - 50 * 3600));
my %listed = map { $_->{id} => 1 }
             @{$site->browser->get('api/timetable')->json->{items}};
ok $listed{$long}, 'an event that goes on is in the timetable';
ok !$listed{$past}, 'one that is over is not';


# ---- the list, page by page

sub listed {
    my (%query) = @_;

    return $worker->get('api/staff/events', query => \%query)->json;
}


create({ title => '还没有发布' });

my @all = map { $_->{id} } @{listed()->{items}};
my (@paged, $cursor);

cmp_ok scalar @all, '>', 4, 'there are some events';

for (@all) {
    my $doc = listed(limit => 2, defined $cursor ? (cursor => $cursor) : ());

    push @paged, map { $_->{id} } @{$doc->{items}};
    $cursor = $doc->{next};
    last if !defined $cursor;
}

is join(' ', @paged), join(' ', @all), 'pages are the whole list';

for my $status (qw(draft published cancelled)) {
    my @some = @{listed(status => $status)->{items}};

    ok @some && !grep({ $_->{status} ne $status } @some),
       "a list of what is $status";
}

my ($known) = grep { length $_->{start} } @{listed()->{items}};
my $first = substr $known->{start}, 0, 10;

is_deeply [map { substr $_->{start}, 0, 10 }
           grep { $_->{id} eq $known->{id} }
           @{listed(from => $first, to => $first)->{items}}], [$first],
          'of one day';
ok !grep({ substr($_->{start}, 0, 10) ne $first }
         @{listed(from => $first, to => $first)->{items}}),
   'and of no other';
is_deeply [grep { $_->{unit} ne 'wenyilu-1' }
           @{listed(unit => 'wenyilu-1')->{items}}], [], 'of one unit';
problem($worker->get('api/staff/events?unit=nowhere'), 404, 'not_found',
        undef, 'not of one that is not there');
problem($worker->get('api/staff/events?cursor=x'), 422, 'invalid',
        ['cursor'], 'what is no cursor');

$page = $worker->get('staff/events?limit=2');
my ($next) = Wenming::Answer::unescape($page->text)
             =~ m{href="/wenming/(staff/events\?cursor=[^"]+)"};

is $worker->get($next)->{status}, 200, 'the page leads to the next';
my ($today) = Wenming::Answer::unescape($worker->get('staff/events')->text)
              =~ m{href="/wenming/(staff/events\?from=[^"]+)"};

is $worker->get($today)->{status}, 200, 'and to what is held today';
page($worker->get('staff/events?status=draft'), 200, ['aria-current="true"'],
     'and says which are chosen');


# ---- another one like an event

{
    my $form = $worker->get('staff/events/new');
    my $r = $site->send_form($worker, $form, {
        title => '补录的活动（一）', start => '2020-01-02T09:00',
        end => '2020-01-02T10:00' }, qr{staff/events$});

    is $r->{status}, 303, 'a draft may be of what is over';

    my ($id) = $r->header('location') =~ m{/(\d+)$};

    $r = $worker->get("staff/events/new?like=$id");
    page($r, 200, ['补录的活动（一）'], 'another one begins with the first');
    unlike $r->text, qr/value="2020-/, 'but for when';

    my $far = $site->staff(unit => 'chaoyangjie', name => 'far-away');

    unlike Wenming::Answer::unescape(
               $far->get("staff/events/new?like=$id")->text),
           qr/补录的活动/, 'not of an event of another unit';
}


# ---- after a busy month, today is still there

{
    my $iso = \&Wenming::Site::iso;
    my $redis = $site->redis;
    my $show = $site->event(title => '月初开始的展览', course => 'law-01',
                            start => $iso->(time - 20 * 86400),
                            end => $iso->(time + 86400));
    my $now = $site->event(title => '此刻的课', course => 'science-01');
    my $like = $site->event(title => '上周的课',
                            start => $iso->(time - 6 * 86400),
                            end => $iso->(time - 6 * 86400 + 3600));
    my %record = @{$redis->call('HGETALL', $site->key("event:$like"))};

    for my $i (1 .. 700) {
        my $id = 100_000 + $i;
        my $start = int(time - 6 * 86400 + $i) * 1000;

        $redis->send('HSET', $site->key("event:$id"), %record,
                     start => $start, end => $start + 3_600_000);
        $redis->send('ZADD', $site->key("events:$_"), $start, $id)
            for qw(all furong wenyilu wenyilu-1);
        $redis->read for 1 .. 5;
    }

    my $web = $site->browser;
    my $titles = sub { join ' ', map { $_->{title} } @{$_[0]} };
    my %seen = (
        'the timetable' => $titles->($web->get('api/timetable')
                                     ->json->{items}),
        'that of a unit' =>
            $titles->($web->get('api/timetable?unit=wenyilu')
                      ->json->{items}),
        'the first page' => $titles->($web->get('api/home')->json->{today})
    );

    for my $what (sort keys %seen) {
        like $seen{$what}, qr/月初开始的展览.*此刻的课/,
             "$what has what goes on, for however long it has";
        unlike $seen{$what}, qr/上周的课/, 'and nothing that is over';
    }

    my $feed = Wenming::Answer::unescape($web->get('timetable.ics')->text);

    like $feed, qr/此刻的课/, 'a calendar has it, too';
    like $feed, qr/月初开始的展览/, 'and what goes on';
    cmp_ok scalar(() = $feed =~ /上周的课/g), '>', 490,
           'with the last of what was';
    ok index($feed, '上周的课') < index($feed, '此刻的课'), 'in their order';

    my @courses = map { $_->{id} }
        @{$web->get('api/menu?unit=wenyilu-1')->json->{items}};

    ok((grep { $_ eq 'science-01' } @courses)
       && (grep { $_ eq 'law-01' } @courses),
       'the menu of a unit has what it holds now');

    my $week = substr $iso->(time - 6 * 86400 + 8 * 3600), 0, 10;
    my $then = substr $iso->(time - 5 * 86400 + 8 * 3600), 0, 10;
    my $old = $web->get("api/timetable?from=$week&to=$then")->json->{items};

    cmp_ok scalar @$old, '>=', 200, 'days that are over can be looked at';
    is $old->[0]{id}, $show, 'with what went on then';
}

end();
