use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The first page of the desk: what is held today, what waits for this worker.

my $site = site(import => 0);
my $redis = $site->redis;

# no event of the demo is to be counted

{
    my $dir = "$site->{dir}/data";

    mkdir $dir or die "$dir: $!";

    for my $name (qw(practices projects units courses teams)) {
        Wenming::Site::write_file("$dir/$name.csv", Wenming::Site::read_file(
            "$Wenming::Site::ROOT/demo/data/$name.csv"));
    }

    $site->import_data($dir);
}

# the day must not change while this runs

my $left = 86400 - (time + 8 * 3600) % 86400;

sleep $left + 1 if $left < 120;

my $day = substr Wenming::Site::iso(time + 8 * 3600), 0, 10;
my $worker = $site->staff(unit => 'wenyilu', name => 'north');
my $south = $site->staff(unit => 'chaoyangjie', name => 'south');
my $auditor = $site->staff(unit => 'wenyilu', role => 'auditor',
                           name => 'auditor');
my $people = 0;


sub today {
    my ($who) = @_;

    my $r = ($who || $worker)->get('api/staff/today');

    die "no today: $r->{status} $r->{body}" if $r->{status} != 200;

    return $r->json;
}


# "title title": what a block shows, and in front how many there are.

sub block {
    my ($name, $who) = @_;

    my $block = today($who)->{$name};

    return join ' ', $block->{count}, map { $_->{id} || $_->{event} }
                                          @{$block->{items}};
}


sub ordered {
    my (%change) = @_;

    my $r = $site->browser->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', head_count => 10,
        wanted => [substr Wenming::Site::iso(time + 20 * 86400), 0, 10],
        contact_name => '居民' . ++$people, phone => $site->phone($people),
        %change });

    die "not ordered: $r->{status} $r->{body}" if $r->{status} != 201;

    return $r->json->{id};
}


problem($site->worker->post('api/staff/events', json => {
            title => '太长', unit => 'wenyilu-1',
            start => Wenming::Site::iso(time),
            end => Wenming::Site::iso(time + 32 * 86400) }),
        422, 'invalid', ['end'], 'no event lasts longer than the lists look');


# ---- a quiet day

my $doc = today();

is $doc->{date}, $day, 'it is the day of the district';
is_deeply [map { $doc->{$_}{count} } qw(events overdue orders wishes ratings
                                         places drafts)],
          [(0) x 7], 'nothing is to be done';
page($worker->get('staff/'), 200,
     ['今天没有活动', '新建一场', '没有超期的点单', '点单都办理了',
      '没有等待审核的心愿', '没有等待审核的评价'],
     'the page says so, and what one could do');
page($worker->get('staff/events'), 200, ['还没有活动'],
     'all events have a page of their own');


# ---- what is held today

my @held = map { $site->event(title => "今天的讲座$_", capacity => 1,
                              start => "${day}T00:00+08:00",
                              end => Wenming::Site::iso(time + 86400 * $_)) }
               1 .. 2;
my $over = $site->event(title => '早上的课', start => "${day}T00:00+08:00",
                        end => "${day}T00:01+08:00");
my $night = $site->event(title => '从昨天到今天',
                         start => Wenming::Site::iso(time - 86400),
                         end => Wenming::Site::iso(time + 86400));
my $show = $site->event(title => '持续一个月的展览',
                        start => Wenming::Site::iso(time - 25 * 86400),
                        end => Wenming::Site::iso(time + 5 * 86400));
my $tomorrow = $site->event(title => '明天的课',
                            start => Wenming::Site::iso(time + 86400),
                            end => Wenming::Site::iso(time + 90000));

$site->event(title => '别处的课', unit => 'chaoyangjie',
             start => "${day}T00:00+08:00", end => "${day}T23:59+08:00");

is block('events'), join(' ', 5, $show, $night, @held, $over),
   'the events of the day, those that are over last';
is_deeply [map { $_->{over} ? 'over' : 'on' } @{today()->{events}{items}}],
          [qw(on on on on over)], 'which are said to be over';
like block('events', $south), qr/^1 /, 'another unit sees its own';

is $worker->post("api/staff/events/$held[0]/attendance",
                 json => { name => '没带手机的老人' })->{status}, 201,
   'somebody is there';
is today()->{events}{items}[2]{present}, 1, 'and counted';

my $page = $worker->get('staff/');

page($page, 200, ['今天的讲座1', '打开签到屏', '签到名单', '手工登记'],
     'the page leads to screen, roster, and the form');
like $page->text, qr{href="[^"]*/screen/$held[0]\?pass=}, 'a screen to open';
like $page->text, qr{staff/events/$held[0]/roster\#hand"}, 'a form to write in';
unlike $page->text, qr{/screen/$over\?}, 'no screen of what is over';
unlike $auditor->get('staff/')->text, qr{/screen/|\#hand|staff/orders/new},
       'who only reads is not offered what he may not do';


# ---- orders

my @order = map { ordered() } 1 .. 5;
my $elsewhere = ordered(unit => 'chaoyangjie-1');

is block('orders'), join(' ', 5, @order[0 .. 2]),
   'orders that wait: how many, and the three that are due first';
is block('overdue'), '0', 'none is overdue';

$redis->call('HSET', $site->key("order:$order[4]"), 'due', 1000);
$redis->call('ZADD', $site->key("due:$_"), 1000, $order[4])
    for qw(wenyilu-1 wenyilu furong);

is block('overdue'), "1 $order[4]", 'one has waited too long';
is block('orders'), join(' ', 4, @order[0 .. 2]), 'and is not said twice';
page($worker->get('staff/'), 200, ['超期的点单', '办理期限'], 'in words');

is $worker->post("api/staff/orders/$order[0]/dispatch",
                 json => { team => 'lecturers' })->{status}, 200,
   'one is dispatched';
is block('orders'), join(' ', 3, @order[1 .. 3]),
   'then it is the team that has to do something';
is block('orders', $auditor), '0', 'who only reads has nothing to do';
is block('orders', $south), "1 $elsewhere", 'another unit has its own';


# ---- what people wrote

my $r = $site->browser->post('api/wishes', json => {
    wish => '想学用手机挂号', category => 'study', unit => 'wenyilu-1',
    name => '心愿居民', phone => $site->phone(++$people) });

is $r->{status}, 201, 'a wish';
is block('wishes'), '1 ' . $r->json->{id}, 'waits for somebody to read it';
unlike $worker->get('api/staff/today')->text, qr/心愿居民|手机挂号/,
       'its words and name are not on this page';

my $here = $site->browser;

$site->check_in($here, $held[0], '评价居民', $site->phone(++$people));
is $site->check_in($here, $held[0], '评价居民', $site->phone($people),
                   kind => 'screen-out')->{status}, 201, 'somebody leaves';
is $here->post("api/events/$held[0]/ratings",
               json => { score => 4, text => '讲得很好' })->{status}, 201,
   'and says something';
is block('ratings'), "1 $held[0]", 'which waits, too';
is block('ratings', $auditor), '0', 'not for who may not decide on it';
is block('ratings', $south), '0', 'nor for another unit';
page($worker->get('staff/'), 200, ['学习', '满意'], 'all of it on the page');


# ---- a correction that another worker has to confirm

my ($there) = map { $_->{person} }
    @{$worker->get("api/staff/events/$held[0]/roster")->json->{items}};

is $worker->post("api/staff/events/$held[0]/corrections", json => {
       person => $there, what => 'remove', reason => '不是本人' })->{status},
   201, 'somebody was written down wrongly';
is block('corrections'), "1 $held[0]", 'which waits';
is block('corrections', $auditor), '0', 'not for who may not decide on it';
is block('corrections', $south), '0', 'nor for another unit';

my $boss = $site->staff(unit => 'furong', name => 'boss');

is $boss->patch("api/staff/events/$held[0]",
                json => { unit => 'chaoyangjie' })->{status}, 200,
   'the event goes to another unit';
is block('corrections'), '0', 'then this one cannot decide any more';
is block('corrections', $boss), "1 $held[0]", 'who is above both can';


# ---- events ahead

my $draft = $site->event(title => '还没写完', draft => 1,
                         start => Wenming::Site::iso(time + 3 * 86400),
                         end => Wenming::Site::iso(time + 3 * 86400 + 3600));

is block('drafts'), "1 $draft", 'a draft that draws near';
is block('places'), '0', 'nobody waits for a place';

is $worker->patch("api/staff/events/$tomorrow",
                  json => { capacity => 1 })->{status}, 200, 'a small room';

for my $n (1 .. 2) {
    is $site->browser->post("api/events/$tomorrow/enrol", json => {
           name => "报名居民$n", phone => $site->phone(++$people) })->{status},
       201, "somebody wants to come: $n";
}

is block('places'), "1 $tomorrow", 'one waits';

my ($full) = @{today()->{places}{items}};

is "$full->{taken} $full->{waiting} $full->{offered}", '1 1 0',
   'the figures say why';


# ---- who may not

problem($site->browser->get('api/staff/today'), 401, 'sign_in', undef,
        'not without signing in');
problem($site->staff(unit => 'furong', role => 'lead', team => 'lecturers',
                     name => 'lead')->get('api/staff/today'), 403,
        'forbidden', undef, 'a team has its orders instead');

end();
