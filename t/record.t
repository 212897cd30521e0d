use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# What a resident finds again: where he was and for how long, what comes next
# with his orders; and a worker the page that he wanted, and a day to begin with.

my $site = site();
my $web = $site->browser;
my $worker = $site->worker;
my $redis = $site->redis;

sub at { return Wenming::Site::iso(time + $_[0]) }


# ---- the record

my $nobody = $web->fresh->get('api/me/record')->json;

is_deeply $nobody, { years => [] }, 'who was nowhere has no record';
page($web->fresh->get('my/record'), 200, ['本机还没有签到记录', '查看课程表'],
     'and is told what to do');

my $event = $site->event(title => '记录讲座', start => at(-3600),
                         end => at(3600));
my $other = $site->event(title => '没有签退的', place => '大院');
my $old = $site->event(title => '前几年的');
my $beside = $site->event(title => '同一时间的');

$site->check_in($web, $event, '示例甲', $site->phone(1));
$site->check_in($web, $event, '示例甲', $site->phone(1), kind => 'screen-out');
$site->check_in($web, $other, '示例甲', $site->phone(1));

# half an hour and some seconds ago, and in 2024

my ($person) = $redis->call('HKEYS', $site->key("att:$event"));
$person = ref $person ? $person->[0] : $person;

my $in = 1000 * int(time - 1830);
my $out = 1000 * int(time);
my ($dev) = map { ref $_ ? @$_ : $_ }
            $redis->call('KEYS', $site->key('dev:*'));

$redis->call('HSET', $site->key("att:$event"), $person, "$in:$out:ss:1");
$redis->call('HSET', $dev, "a:$event:$person", $in);
$redis->call('HSET', $dev, "a:$old:$person", 1_710_000_000_000);
$redis->call('HSET', $site->key("att:$old"), $person,
             '1710000000000:1710003600000:ss:1');
$redis->call('HSET', $site->key("event:$old"), 'start', 1_710_000_000_000,
             'end', 1_710_003_600_000);

# from the middle of it on, at the same time, and half an hour longer

$redis->call('HSET', $dev, "a:$beside:$person", 1_710_001_800_000);
$redis->call('HSET', $site->key("att:$beside"), $person,
             '1710001800000:1710005400000:ss:1');
$redis->call('HSET', $site->key("event:$beside"), 'start', 1_710_001_800_000,
             'end', 1_710_005_400_000);

my $r = $web->get('api/me/record');
my ($year, $before) = @{$r->json->{years}};
my ($item) = grep { $_->{event} eq $event } @{$year->{items}};
my ($open) = grep { $_->{event} eq $other } @{$year->{items}};

is $item->{minutes}, 30, 'minutes from coming to leaving';
ok !$item->{missing_out} && $item->{me}, 'of the one who is known here';
ok $open->{missing_out} && $open->{minutes} == 0,
   'who did not check out has none';
is $year->{events}, 2, 'events of a year are counted';
is $year->{minutes}, 30, 'and minutes added up';
is_deeply [$before->{year}, $before->{events}, $before->{minutes}],
          [2024, 2, 90], 'by year, the newest first, no time twice';
is_deeply [map { $_->{minutes} } @{$before->{items}}], [60, 60],
          'though each stay has its own';

my $page = $web->get('my/record');

page($page, 200, ['我的参加记录', '记录讲座', '在场 30 分钟', '2024 年',
                  '2024年3月10日', '活动进行中，离开时请签退'],
     'the same as a page; whoever is there is told how to leave');
is $page->header('cache-control'), 'no-store', 'which nobody keeps';
page($web->get('me'), 200, ['我的点单', '我的报名', '我的心愿', '我的参加记录',
                            '隐私说明'], 'all that is mine in one place');

for my $over ([60, '活动已结束，请现在签退'], [3600, '没有签退，时长未计']) {
    $redis->call('HSET', $site->key("event:$other"), 'end',
                 1000 * int(time - $over->[0]));
    page($web->get('my/record'), 200, [$over->[1]],
         "$over->[0] seconds after it");
}

unlike $web->fresh->get('my/record')->text, qr/记录讲座/,
       'another device sees nothing of it';


# ---- an order says what comes next

my $device = $web->fresh;
my $day = substr at(20 * 86_400), 0, 10;
my $id = $device->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
    head_count => 10, contact_name => '示例乙', phone => $site->phone(2) })
    ->json->{id};

sub next_text {
    return $device->get('api/me/orders')->json->{items}[0]{next_text};
}


is next_text(), '接下来由工作人员派给合适的队伍，一般 1 天内。',
   'a new order waits for a worker';
$worker->post("api/staff/orders/$id/dispatch", json => { team => 'corps' });
is next_text(), '已派单，等队伍接单，一般 2 天内。', 'then for the team';
page($device->get('orders'), 200, ['已派单，等队伍接单，一般 2 天内', '已提交'],
     'also on the page');
$redis->call('HSET', $site->key("order:$id"), 'due', 1);
is next_text(), '已派单，等队伍接单。比平时慢了一些，工作人员会尽快办理。',
   'what is late is not promised again';
$worker->post("api/staff/orders/$id/accept");
is next_text(), '队伍已接单，接下来定时间和地点，一般 7 天内。', 'then for a day';


# ---- a new event begins on the day that most want

my @ids;

for my $n (3 .. 5) {
    push @ids, $web->fresh->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', head_count => 10,
        wanted => [$n == 3 ? $day : substr(at(25 * 86_400), 0, 10)],
        contact_name => "示例$n", phone => $site->phone($n) })->json->{id};
}

$page = $worker->get('staff/events/new?orders=' . join '&orders=', @ids);

my $most = substr at(25 * 86_400), 0, 10;

like $page->{body}, qr/name="start" type="datetime-local" value="${most}T09:00"/,
     'the day is filled in';
like $page->{body}, qr/name="end" type="datetime-local" value="${most}T11:00"/,
     'and the end, by how long the course is';

$worker->post("api/staff/orders/$ids[0]/reject", json => { reason => '重复' });
$page = $worker->get("staff/events/new?orders=$ids[0]&orders=$ids[1]"
                     . '&orders=' . '0' x 16);

like $page->text, qr/这些点单现在不能排课.*不予受理.*没有找到/s,
     'which orders cannot be planned is said, and why';
like $page->text, qr/本场活动的点单/, 'the others can';
unlike $page->text, qr/没有一单能排/, 'they are not nothing';
like $worker->get("staff/events/new?orders=$ids[0]")->text,
     qr/没有一单能排，下面的表是空白的/, 'that none can is said too';


# ---- publishing what is over is asked about

my %late = (title => '上周的讲座', place => '二楼', audience => '居民',
            content => '内容', start => at(-7200), end => at(-3600));

problem($worker->post('api/staff/events', json => { %late, publish => 1 }),
        409, 'event_past', undef, 'an event that is over');
is $worker->post('api/staff/events', json => {
       %late, publish => 1, past => 1 })->{status}, 201,
   'is published when it is meant';

my $draft = $worker->post('api/staff/events', json => \%late)->json->{id};

problem($worker->post("api/staff/events/$draft/publish", json => {}), 409,
        'event_past', undef, 'the same of a draft');
$page = $worker->get("staff/events/$draft");
like $page->{body}, qr/type="checkbox" name="past" value="1"/,
     'the page has a box to tick';
page($site->send_form($worker, $page, {}, qr/publish$/), 409,
     ['活动的时间已经过去', '补发已经办过的活动'], 'and says so without it');
is $site->send_form($worker, $page, { past => 1 }, qr/publish$/)->{status},
   303, 'ticked, it is public';
is $worker->get("api/staff/events/$draft")->json->{status}, 'published',
   'indeed';

$page = $worker->get('staff/events/new');
$r = $site->send_form($worker, $page, { %late, publish => 1 }, qr/events$/);
page($r, 409, ['活动的时间已经过去'], 'a new one in one step is asked, too');
like $r->text, qr/name="title"[^>]*value="上周的讲座"/,
     'and what was typed is still there';
like $r->{body}, qr/name="past"/, 'with the box';


# ---- signing in goes on to the page that was wanted

my $office = $web->fresh;

is $office->get('staff/')->header('location'),
   $site->public_url . '/staff/login', 'the desk itself is where one gets to';

$page = $office->get("staff/events/$event/roster?limit=20");

is $page->{status}, 303, 'who is not signed in is sent to do so';

my ($login) = ($page->header('location') // '')
              =~ m{^\Q${\ $site->public_url}\E/(staff/login\?next=.+)};

ok $login, 'with the way back';
$page = $office->get($login);
$r = $site->send_form($office, $page, {
    name => 'worker-furong', password => 'not-this-one' });
page($r, 401, ['用户名或密码不正确'], 'a wrong password');
$r = $site->send_form($office, $r, {
    name => 'worker-furong', password => $site->{staff}{'worker-furong'} });
is $r->{status}, 303, 'the right one';
is $r->header('location'),
   $site->public_url . "/staff/events/$event/roster?limit=20",
   'leads where he wanted to';

for my $evil ('//evil.example/', 'https://evil.example/', '/etc',
              'staff/../../x', 'staff//evil.example', 'menu',
              'staff/%0d%0aX: y', "staff/\\evil.example")
{
    my $fresh = $web->fresh;
    my $form = $fresh->get('staff/login');

    $r = $site->send_form($fresh, $form, {
        name => 'worker-furong', password => $site->{staff}{'worker-furong'},
        next => $evil });
    my $to = $r->header('location') // '';

    ok $to eq $site->public_url . '/staff/'
       || ($evil =~ /%0d/ && index($to, $site->public_url . '/staff/') == 0),
       "never elsewhere: $evil" or diag $to;
}

end();
