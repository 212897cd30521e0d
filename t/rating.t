use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Ratings: only who was there, once; a text is shown when a worker says so.

my $SAID = '讲得好 <script>alert(1)</script> 👍';
my $RUDE = '卖保健品请加我';

my $site = site();
my $redis = $site->redis;
my $worker = $site->worker;
my $event = $site->event(course => 'law-01');
my $course = $site->browser->get('api/courses/law-01')->json;
my $people = 0;


# Somebody who checked in at an event, and left.

sub guest {
    my ($event, %o) = @_;

    my $browser = $o{browser} || $site->browser;
    my $phone = $site->phone(++$people);
    my $r = $site->check_in($browser, $event, $o{name} || "居民$people",
                            $phone, fields => $o{fields});

    die "not checked in: $r->{status}" if $r->{status} != 201;
    return $browser if $o{stays};

    $r = $site->check_in($browser, $event, $o{name} || "居民$people", $phone,
                         kind => 'screen-out', fields => $o{fields});
    die "not checked out: $r->{status}" if $r->{status} != 201;

    return wantarray ? ($browser, $r) : $browser;
}


sub rate {
    my ($browser, $event, %body) = @_;

    return $browser->post("api/events/$event/ratings", json => \%body);
}


sub public_of {
    my ($event) = @_;

    my $r = $site->browser->get("api/events/$event/ratings");

    return $r->{status} == 200 ? $r->json : { status => $r->{status} };
}


# ---- before anybody rated

is_deeply public_of($event), { count => 0, average => '', items => [] },
          'nobody has rated yet';
is "$course->{ratings} '$course->{average}'", "0 ''", 'nor the course';
unlike $site->browser->get("event/$event")->text, qr/群众评价|rate\//,
       'the page has nothing of it';
is public_of($site->event(draft => 1))->{status}, 404, 'a draft has none';


# ---- who was there

my ($mine, $left) = guest($event, name => '张示例');

page($left, 201, ['签退成功', '评价这场活动'], 'who leaves is asked');
like $left->text, qr{href="/wenming/rate/$event"}, 'by a link';

my $page = $mine->get("rate/$event");

page($page, 200, ['张示例', '测试讲座', '非常满意', '很不满意', '想说的话'],
     'the page to rate');

my ($form) = $page->forms;

is $form->{action}, $site->public_url . "/rate/$event", 'with a form';
ok length $form->{hidden}{key} && length $form->{hidden}{form},
   'its key and its proof';
is scalar(() = $page->text =~ /<input type="radio" name="score"/g), 5,
   'five scores to choose from';
is scalar(() = $page->text =~ /<label class="pick"><input type="radio"/g), 5,
   'each with its words';

my $r = $site->send_form($mine, $page, { text => $SAID });

page($r, 422, ['有内容需要更正', '这一项必须填写', '讲得好 <script>'],
     'without a score it comes back, with what was typed');
unlike $r->text, qr/<script>/, 'as text';

$r = $site->send_form($mine, $page, { score => 5, text => $SAID });
page($r, 201, ['感谢您的评价', '张示例', '5 分', '工作人员看过以后'], 'rated');
is $r->header('cache-control'), 'no-store', 'which no cache keeps';

$r = $site->send_form($mine, $page, { score => 1, text => $RUDE });
page($r, 200, ['已经评价过', '5 分', '非常满意'], 'the first one stays');
$r = rate($mine, $event, score => 2);
is "$r->{status} " . $r->json->{score} . ' ' . $r->json->{text_status},
   '200 5 pending', 'for programs too';
page($mine->get("rate/$event"), 200, ['已经评价过', '非常满意'],
     'the page says so');
is scalar($mine->get("rate/$event")->forms), 0, 'and has no form any more';

my ($seen) = @{$mine->get('api/me')->json->{attendance}};

is "$seen->{score} " . ($seen->{can_rate} ? 'yes' : 'no'), '5 no',
   'the record has it';
is_deeply public_of($event), { count => 1, average => '5.0', items => [] },
          'it counts at once, the text is not shown';


# ---- who was not

my $stranger = $site->browser;

problem(rate($stranger, $event, score => 1), 403, 'not_attended', undef,
        'another device');
page($stranger->get("rate/$event"), 403, ['这部手机'], 'is told why');

my $elsewhere = guest($site->event);

problem(rate($elsewhere, $event, score => 1), 403, 'not_attended', undef,
        'who was at another event');

my ($person) = map { $_->{person} }
               grep { $_->{name} eq '张示例' } @{$site->roster($event)->{items}};

problem(rate($_, $event, score => 1, person => $person), 403, 'not_attended',
        undef, 'for somebody who was there, on another device')
    for $stranger, $elsewhere;
unlike $elsewhere->get("rate/$event")->text, qr/张示例/,
       'who is not named there';
problem(rate($mine, $event, score => 1, person => 'A' x 16), 403,
        'not_attended', undef, 'for nobody');
problem(rate($mine, 999_999, score => 1), 404, 'not_found', undef,
        'no such event');

$r = $worker->post("api/staff/events/$event/attendance", json => {
    name => '李登记', phone => $site->phone(++$people) });
problem(rate($stranger, $event, score => 1, person => $r->json->{person}),
        403, 'not_attended', undef, 'whom a worker wrote down has no device');


# ---- what is no rating

my $before = $site->journal_length;
my $second = guest($event, name => '王示例');

$before = $site->journal_length;

problem(rate($second, $event, %{$_->[0]}), 422, 'invalid', [$_->[1]],
        "no rating: $_->[2]")
    for [{ score => 0 }, 'score', '0'], [{ score => 6 }, 'score', '6'],
        [{ score => '5' }, 'score', 'text'], [{}, 'score', 'nothing'],
        [{ score => 5, text => '长' x 501 }, 'text', '501 characters'],
        [{ score => 5, text => "a\x{202e}b" }, 'text', 'overrides'];
is $site->journal_length, $before, 'nothing written';

$r = rate($second, $event, score => 4, text => '长' x 500);
is $r->{status}, 201, '500 characters';


# ---- a family

my $family = guest($event, name => '赵大');

guest($event, browser => $family, name => '赵小宝',
      fields => { who => 'family' });
$page = $family->get("rate/$event");
page($page, 200, ['赵大', '赵小宝'], 'a form for each of the device');

for my $f (grep { $_->{hidden}{person} } $page->forms) {
    my $path = $f->{action} =~ s{^https?://[^/]+}{}r;
    $r = $family->post($path, form => { %{$f->{hidden}}, score => 3 });
    is $r->{status}, 201, 'who rates for himself' or diag $r->text;
}

is public_of($event)->{count}, 4, 'four by now';
is rate($family, $event, score => 1)->json->{text_status}, 'none',
   'without a text nothing waits';


# ---- when

my $early = $site->event;
my $there = guest($early, stays => 1);

problem(rate($there, $early, score => 5), 409, 'rating_early', undef,
        'not while one sits there');
page($there->get("rate/$early"), 200, ['活动结束以后'], 'the page says when');
is scalar($there->get("rate/$early")->forms), 0, 'without a form';
$worker->patch("api/staff/events/$early", json => {
    end => Wenming::Site::iso(time - 60) });
like $site->browser->get("event/$early")->text, qr{rate/$early},
     'when it is over, its page leads there';
is rate($there, $early, score => 5)->{status}, 201,
   'also for who forgot to leave';

my $old = guest($early, stays => 1);

$redis->call('HSET', $site->key("event:$early"), 'start',
             (time - 31 * 86400) * 1000 - 7_200_000, 'end',
             int(time - 31 * 86400) * 1000);
problem(rate($old, $early, score => 5), 409, 'rating_closed', undef,
        'not a month later');
page($old->get("rate/$early"), 200, ['已经截止'], 'the page says so');
is rate($there, $early, score => 1)->{status}, 200,
   'what was rated is still told';

my $gone = $site->event;
my $was = guest($gone);

$worker->post("api/staff/events/$gone/cancel");
problem(rate($was, $gone, score => 5), 409, 'state', undef,
        'nor when it was cancelled');
page($was->get("rate/$gone"), 200, ['已取消'], 'as the page says');


# ---- nobody reads the text before a worker has

sub leaks {
    my ($text) = @_;

    my $log = Wenming::Site::read_file("$site->{dir}/error.log")
              . Wenming::Site::read_file("$site->{dir}/access.log");
    my $all = join "\n", $log, map { $_->{effects} } $site->journal;

    utf8::decode($text) if !utf8::is_utf8($text);
    utf8::encode($text);

    return index($all, $text) >= 0;
}

my $third = guest($event, name => '钱示例');

is rate($third, $event, score => 1, text => $RUDE)->{status}, 201, 'rated low';
ok !leaks($_), 'the text is in no journal and no log' for '讲得好', $RUDE;
unlike $site->browser->get("event/$event")->text, qr/讲得好|保健品/,
       'nor on the page';


# ---- review

my $auditor = $site->staff(role => 'auditor');
my $far = $site->staff(unit => 'wenyilu-2');
my $list = $worker->get('api/staff/ratings')->json->{items};

is_deeply [map { "$_->{score} " . substr $_->{text}, 0, 3 } @$list],
          ['5 讲得好', '4 长长长', '1 卖保健'], 'what waits, the oldest first';
is $list->[0]{title}, '测试讲座', 'of which event';
is join(' ', sort keys %{$list->[0]}),
   'event id made made_text score score_text text title',
   'and nothing of who wrote it';
unlike $worker->get('api/staff/ratings')->text, qr/张示例|13\d{9}|138\*/,
       'neither name nor phone';
page($worker->get('staff/ratings'), 200, [$SAID, $RUDE, '不公开'],
     'the page has them');
unlike $worker->get('staff/ratings')->text, qr/<script>/, 'as text';

my ($good, $long, $bad) = map { "api/staff/ratings/$_->{id}" } @$list;

problem($auditor->get('api/staff/ratings'), 403, 'forbidden', undef,
        'not for an auditor');
problem($auditor->post("$good/show"), 403, 'forbidden', undef,
        'who cannot show');
problem($stranger->post("$good/show"), 401, 'sign_in', undef,
        'nor can the public');
is_deeply $far->get('api/staff/ratings')->json->{items}, [],
          'another unit has nothing to review';
problem($far->post("$good/$_"), 404, 'not_found', undef, "nor can it $_")
    for qw(show hide);
problem($worker->post("api/staff/ratings/$_/show"), 404, 'not_found', undef,
        "there is no $_")
    for "$event-" . 'A' x 16, "999999-$person", 'nonsense', "$event-x";

my ($bare) = map { $_->{person} }
             grep { $_->{name} eq '赵大' } @{$site->roster($event)->{items}};

problem($worker->post("api/staff/ratings/$event-$bare/show"), 404,
        'not_found', undef, 'nothing to show of who wrote nothing');

$page = $worker->get('staff/ratings');
$r = $site->send_form($worker, $page, {}, qr{\Q$list->[0]{id}\E/show$});
is "$r->{status} " . $r->header('location'),
   '303 ' . $site->public_url . '/staff/ratings', 'the page shows a text';
is $worker->post("$good/show")->json->{status}, 'shown', 'twice is once';
is $worker->post("$bad/hide")->json->{status}, 'hidden', 'another is hidden';
is $worker->post("$bad/hide")->{status}, 200, 'twice is once';
problem($worker->post("$bad/show"), 409, 'state', undef,
        'what is hidden stays hidden');
is scalar(grep { $_->{verb} =~ /^rate\.(?:show|hide)$/ } $site->journal), 2,
   'two entries in the journal';
is_deeply [map { substr $_->{text}, 0, 1 }
           @{$worker->get('api/staff/ratings')->json->{items}}], ['长'],
          'one still waits';


ok leaks('讲得好'), 'what is shown is no secret any more';
ok !leaks($RUDE), 'what is hidden stays one';


# ---- what the public sees

my $public = public_of($event);

is "$public->{count} $public->{average}", '5 3.2', 'all of them count';
is scalar(@{$public->{items}}), 1, 'one text is shown';
is "$public->{items}[0]{score} $public->{items}[0]{text}", "5 $SAID",
   'as it was written';
is join(' ', sort keys %{$public->{items}[0]}), 'date score score_text text',
   'and nothing of who wrote it';
like $public->{items}[0]{date}, qr/^\d{4}-\d\d-\d\d$/, 'but on which day';

$r = $site->browser->get("event/$event");
page($r, 200, ['群众评价', '3.2', $SAID], 'the page has it');
unlike $r->text, qr/<script>/, 'as text';
unlike $r->text . JSON::PP->new->encode($public),
       qr/张示例|王示例|赵|钱示例|13\d{9}|保健品|$person/,
       'no names, no phones, and nothing hidden';

is $worker->post("$good/hide")->{status}, 200, 'shown, it may yet be hidden';
is_deeply public_of($event)->{items}, [], 'and is gone';
is public_of($event)->{average}, '3.2', 'the figures stay';


# ---- figures

$course = $site->browser->get('api/courses/law-01')->json;
is "$course->{ratings} $course->{average}", '5 3.2', 'those of the course';
page($site->browser->get('course/law-01'), 200, ['群众评价', '3.2 分'],
     'on its page');
page($site->browser->get("event/$event"), 200, ['，共 5 人评价'],
     'and of the event, with room to read');

my ($of) = grep { $_->{id} eq 'law-01' }
           @{$site->browser->get('api/menu')->json->{items}};

is $of->{average}, '3.2', 'in the menu';

my %score = @{$redis->call('HGETALL', $site->key('score'))};
my $provider = $course->{provider};

utf8::encode($provider);
is "$score{'course:law-01:n'} $score{'course:law-01:sum'}", '5 16',
   'per course';
is "$score{\"provider:$provider:n\"} $score{\"provider:$provider:sum\"}",
   '5 16', 'per provider';
is "$score{'unit:all:n'} $score{'unit:all:sum'}", '6 21',
   'in the district: another event is in it';
is "$score{'unit:wenyilu-1:n'} $score{'unit:furong:n'}", '6 6',
   'and in the units above';


# ---- at once

my $hall = $site->event(course => 'law-01');
my $quick = guest($hall);

$course = $site->browser->get('api/courses/law-01')->json;

my @said = at_once(map { [$quick, 'POST', "api/events/$hall/ratings",
                          json => { score => $_, text => "第$_" }] } 1 .. 5);

is join(' ', sort map { $_->{status} } @said), '200 200 200 200 201',
   'of five at once one counts';
is scalar(keys %{{ map { $_->json->{score} => 1 } @said }}), 1,
   'and all hear the same';

my $n = public_of($hall);

is $site->browser->get('api/courses/law-01')->json->{ratings},
   $course->{ratings} + 1, 'and once, at once, in those of the course';
is "$n->{count} $n->{average}", '1 ' . sprintf('%.1f', $said[0]->json->{score}),
   'once in the figures';

my ($rc, $out) = $site->tool('audit');

is $rc, 0, 'the chain is whole' or diag $out;


# ---- whose key is destroyed, is gone with what he or she wrote

my $waits = (grep { $_->{event} eq $hall }
             @{$worker->get('api/staff/ratings')->json->{items}})[0];
my ($who) = $waits->{id} =~ /-(\w+)$/;

$redis->call('DEL', $site->key("person:$who"));
is +(grep { $_->{event} eq $hall }
     @{$worker->get('api/staff/ratings')->json->{items}})[0]{text}, '',
   'the text went with the person';
problem($worker->post("api/staff/ratings/$waits->{id}/show"), 409, 'state',
        undef, 'so it cannot be shown');
is $worker->post("api/staff/ratings/$waits->{id}/hide")->{status}, 200,
   'only put aside';


# ---- the worker's list, page by page

{
    my $crowd = $site->event(course => 'law-01');
    my (@told, $cursor);

    for my $n (1 .. 5) {
        rate(scalar guest($crowd), $crowd, score => 4, text => "评语$n");
    }

    my @all = map { $_->{text} }
              @{$worker->get('api/staff/ratings')->json->{items}};

    for (@all, 1) {
        my $doc = $worker->get('api/staff/ratings', query => {
            limit => 2, defined $cursor ? (cursor => $cursor) : () })->json;

        push @told, map { $_->{text} } @{$doc->{items}};
        $cursor = $doc->{next};
        last if !defined $cursor;
    }

    is "@told", "@all", 'pages are the whole list';
    like "@told", qr/评语1 评语2 评语3 评语4 评语5/, 'the oldest first';

    my $page = $worker->get('staff/ratings?limit=2');
    my ($next) = Wenming::Answer::unescape($page->text)
                 =~ m{href="/wenming/(staff/ratings\?cursor=[^"]+)"};

    is $worker->get($next)->{status}, 200, 'the page leads to the next';
}

end();
