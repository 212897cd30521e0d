use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The screen on the wall: opened by a pass, which can read and nothing else.

my $site = site();
my $web = $site->browser;
my $seal = $site->seal;
my $event = $site->event;
my $other = $site->event(title => '别的活动');
my $desk = $site->worker->get("staff/events/$event");
my ($pass) = Wenming::Answer::unescape($desk->text)
             =~ m{screen/$event\?pass=([0-9A-Z]+)};

ok defined $pass, 'the desk has a link with a pass';


sub screen {
    my ($id, $with, %query) = @_;

    return $web->get("api/screen/$id", query => { pass => $with, %query });
}


# ---- a good pass

my $r = screen($event, $pass);
my $doc = $r->json;

is $r->{status}, 200, 'it opens the screen';
like $doc->{url}, qr{/c/[0-9A-Z]{45}$}, 'with the code';
like $doc->{code}, qr/^\d{6}$/, 'the digits';
is $doc->{present}, 0, 'and the count';
ok $doc->{refresh_ms} > 0 && $doc->{refresh_ms} <= 15_000,
   'and when to look again';
like $r->header('cache-control'), qr/no-store/, 'no cache keeps it';

my ($path) = $doc->{url} =~ m{(c/.*)};

page($web->fresh->get($path), 200, ['测试讲座', '签到'], 'the code is good');
$doc = screen($event, $pass, kind => 'screen-out')->json;
($path) = $doc->{url} =~ m{(c/.*)};
page($web->fresh->get($path), 200, ['签退'], 'so is the one for leaving');

$r = $web->get("screen/$event", query => { pass => $pass });
page($r, 200, ['测试讲座', '扫码签到'], 'the page');
like $r->text, qr/http-equiv="refresh"/, 'refreshes itself without a script';
like $r->text, qr{<link rel="icon" href="data:image/svg},
     'and has browsers ask for no icon';

my ($image) = map { Wenming::Answer::unescape($_) }
              $r->text =~ /<img[^>]*src="([^"]*)"/;

$r = $web->get($image);
like $r->type, qr{^image/svg}, 'with the image';
is $web->get("screen/$event/qr.png", query => { pass => $pass })->type,
   'image/png', 'also as PNG';
unlike join('', $r->{raw}), qr/set-cookie/i, 'without cookies';

$site->check_in($web->fresh, $event, '吴示例', $site->phone(1));
is screen($event, $pass)->json->{present}, 1, 'the count goes up';
unlike screen($event, $pass)->text . $web->get("screen/$event",
       query => { pass => $pass })->text, qr/吴示例|139\d{8}|139\*/,
       'but nobody is named';


# ---- what its script asks: small, fresh, and cheap

sub now_of {
    my ($id, $with, %query) = @_;

    return $web->get("api/screen/$id/now", query => { pass => $with, %query });
}


$r = now_of($event, $pass);
$doc = $r->json;
is $r->{status}, 200, 'the script is told';
like $r->header('cache-control'), qr/no-store/, 'what no cache keeps';
ok length $r->{body} < 250, 'in few bytes';
ok abs($doc->{now} / 1000 - time) < 5, "the server's clock";
is $doc->{present}, 1, 'who is there';
is $doc->{kind}, 'screen-in', 'which code is due';
is $doc->{slot}, int($doc->{now} / 15_000), 'in which slot';
is $doc->{now} + $doc->{refresh_ms}, 15_000 * ($doc->{slot} + 1),
   'and for how long';
is $doc->{code}, $seal->digits(event => $event, kind => 'screen-in',
                               at => $doc->{now} / 1000), 'the digits';


sub asked {
    my $stats = $site->redis->call('INFO', 'commandstats');

    return ($stats =~ /cmdstat_hlen:calls=(\d+)/)[0] || 0;
}


my $before = asked();
my @all = at_once(map { [$web->fresh, 'GET', "api/screen/$event/now", query => {
    pass => $pass }] } 1 .. 100);

is scalar(grep { $_->{status} == 200 } @all), 100, 'a hundred screens ask';
ok asked() - $before < 20, 'Redis hardly hears of it'
    or diag asked() - $before;


# ---- only the code that is due now

my $slot = int(time / 15);
my %drawn;

for (1 .. 3) {                          # not over the edge of a slot
    $slot = int(time / 15);
    %drawn = map {
        ($_ => $web->get("screen/$event/qr.svg", query => {
            pass => $pass, slot => $slot + $_ })) } -40, -2 .. 2;
    last if int(time / 15) == $slot;
}

is_deeply [map { $drawn{$_}{status} } -40, -2 .. 2],
          [404, 404, 200, 200, 404, 404], 'no image of another slot';
is $drawn{-1}{body}, $drawn{0}{body},
   'who comes late for the last gets the one of now';
is $web->get("screen/$event/qr.svg", query => {
    pass => $pass, slot => 'x' })->{status}, 404, 'nor of none';


# ---- in and out by time, unless somebody chose

my $short = $site->event(title => '快结束', start => Wenming::Site::iso(
                             time - 3600), end => Wenming::Site::iso(time + 600));
my $mine = $seal->pass(event => $short);

is screen($short, $mine)->json->{kind}, 'screen-out',
   'ten minutes before the end people leave';
is now_of($short, $mine)->json->{kind}, 'screen-out', 'the script hears it';
is now_of($short, $mine, kind => 'screen-in')->json->{kind}, 'screen-in',
   'unless it was told otherwise';
page($web->get("screen/$short", query => { pass => $mine }), 200,
     ['扫码签退', '按时间自动', '换成签到码'], 'without a script, too');
$r = $web->get("screen/$short", query => { pass => $mine,
                                           kind => 'screen-in' });
page($r, 200, ['扫码签到', 'data-now="/wenming/api/screen/' . $short
               . '/now?pass=' . $mine . '&kind=screen-in"'],
     'what was chosen stays');


# ---- the page

$r = $web->get("screen/$event", query => { pass => $pass });
page($r, 200, ['现在', '屏幕 1', '已签到'], 'clock, name, count');
like $r->text, qr{<noscript><meta http-equiv="refresh" content="\d+">},
     'without script it comes again with the next slot';
like $r->text, qr{<script type="module" src="/wenming/a/wall-\w+\.js">},
     'its script has an address of its own';
unlike $r->text, qr{\sstyle="|<script>|\son\w+="}, 'and nothing else runs';


# ---- opened by 8 digits, on a television

$r = $site->worker->get("api/staff/events/$event/screens");
$doc = $r->json;
is scalar @{$doc->{items}}, 2, 'two screens unless more are asked for';
is join(' ', map { $_->{screen} } @{$site->worker->get(
    "api/staff/events/$event/screens?count=12")->json->{items}}), '1 2 3 4 5 6 7 8 9 10 11 12', 'up to twelve';

my @tv = map { $web->fresh->get('tv', query => { code => $_->{code} }) }
         @{$doc->{items}};

is join(' ', map { $_->{status} } @tv), '303 303', 'the digits open them';

my @passes = map { $_->header('location') =~ /pass=([0-9A-Z]+)/ } @tv;
my @screens = map { screen($event, $_)->json } @passes;

is "$screens[0]{screen} $screens[1]{screen}", '1 2', 'each its own';
isnt $screens[0]{url}, $screens[1]{url}, 'which shows in its code';
is $screens[0]{code}, $screens[1]{code}, 'not in its digits';

my $code = $doc->{items}[0]{code};

for my $typed ($code =~ tr/-//dr =~ s/^$event/$event /r, "$event $code" =~
               s/^\d+ \d+-/$event  /r, $code =~ s/-/\x{2014}/gr)
{
    is $web->fresh->get('tv', query => { code => $typed })->{status}, 303,
       "typed as '$typed'";
}

page($web->fresh->get('tv'), 200, ['屏幕码', '打开'], 'a field for them');
page($web->fresh->get('tv', query => { code => "$other-1234-5678" }), 403,
     ['屏幕码不对'], 'wrong digits');
page($web->fresh->get('tv', query => { code => $code =~ s/^\d+/$other/r }),
     403, ['屏幕码不对'], 'of another event');
page($web->fresh->get('tv', query => { code => 'abc' }), 403, ['屏幕码不对'],
     'none at all');
is $web->fresh->get('tv', query => { code => sprintf '%s-%08d', $other, $_ })
   ->{status}, 403, 'guessing' for 1 .. 8;
is $web->fresh->get('tv', query => { code => "$other-1111-1111" })->{status},
   429, 'ends soon';
is $web->fresh->get('tv', query => { code => $code })->{status}, 303,
   'for that event alone';


# ---- all closed

is $site->worker->post("api/staff/events/$event/screens/close", json => {})
        ->{status}, 200, 'a worker closes all';
ok screen($event, $_)->{status} == 403, 'none of them shows anything'
    for $pass, @passes;
problem(now_of($event, $pass), 403, 'code_invalid', undef,
        'the script is refused');
page($web->get("screen/$event", query => { pass => $pass }), 403,
     ['这块屏幕已停用', 'http-equiv="refresh" content="60"'],
     'the page says so, and looks again now and then');
is $web->fresh->get('tv', query => { code => $code })->{status}, 403,
   'the digits of before open nothing';
$pass = $site->worker->get("api/staff/events/$event/screens")->json
             ->{items}[0]{url} =~ s/.*pass=//r;
is screen($event, $pass)->{status}, 200, 'one that is opened anew does';


# ---- what is no pass

my %bad = (
    'for another event' => $seal->pass(event => $other),
    'of another epoch' => $seal->pass(event => $event, epoch => 9),
    'of the epoch before' => $seal->pass(event => $event, epoch => 1),
    'out of date' => $seal->pass(event => $event, expires => time - 1),
    'of another site' => $seal->with(host => 'www.example.cn')
                             ->pass(event => $event),
    'of another district' => $seal->with(district => 'yuelu')
                                 ->pass(event => $event),
    'that is a code' => $seal->token(event => $event),
    'changed' => ($pass =~ /^(.{9})A/ ? "$1B" : substr($pass, 0, 9) . 'A')
                 . substr($pass, 10),
    'cut off' => substr($pass, 0, -2),
    'empty' => '',
);

for my $name (sort keys %bad) {
    for my $at ("api/screen/$event", "api/screen/$event/now",
                "screen/$event", "screen/$event/qr.svg",
                "screen/$event/qr.png")
    {
        my $r = $web->get($at, query => { pass => $bad{$name} });

        ok $r->{status} >= 400 && $r->{status} < 500, "$at: a pass $name";
        unlike $r->text =~ s{<style>.*?</style>}{}rs,
               qr{/c/[0-9A-Z]{45}|\b\d{6}\b}, 'shows no code';
    }
}

ok $web->get("api/screen/$event")->{status} >= 400, 'no pass at all';
is screen($event, $seal->pass(event => $event, epoch => 2))->{status}, 200,
   'a pass made by the rules alone';


# ---- reads and nothing else

for my $at ("api/staff/events/$event", "api/staff/events/$event/roster",
            "api/staff/events/$event/code", 'api/staff/orders')
{
    ok $web->get($at, query => { pass => $pass })->{status} >= 400,
       "$at does not open to it";
}

is $web->post("api/screen/$event?pass=$pass", json => {})->{status}, 405,
   'nothing can be posted';


# ---- Redis goes away for a while: nobody stands at the wall to reload it

my $paper = $site->browser;
my $form = $paper->get('course/law-01');

$site->stop_redis('KILL');

my $away = $web->get("screen/$event", query => { pass => $pass });

page($away, 503, ['正在恢复', 'class="wall"'], 'without Redis the wall waits');
like $away->text, qr/http-equiv="refresh" content="5"/, 'and looks again';
unlike $away->text, qr/输入签到码|再试一次/, 'with nothing to press';
problem($web->get("api/screen/$event", query => { pass => $pass }), 503,
        'unavailable', undef, 'programs hear it as ever');
ok $site->until(2, sub { now_of($event, $pass)->{status} == 503 }),
   'the script is not told of what was, for long';

for (1 .. 12) {
    is now_of($event, $pass)->{status}, 503, 'and never again';
    sleep 0.4;
}

$r = $web->get('menu');
page($r, 503, ['系统暂时繁忙', '请稍后重试', '<a class="btn go wide" href="">',
               '再试一次'], 'a page offers to try the same address again');
unlike $r->text, qr/您填写的|返回键|http-equiv/,
       'and speaks of no form where there was none';

$r = $site->send_form($paper, $form, {
    unit => 'wenyilu-1', head_count => 3, contact_name => '测试居民',
    phone => $site->phone(2),
    wanted => substr Wenming::Site::iso(time + 10 * 86400), 0, 10 });
page($r, 503, ['请按返回键，再提交一次'], 'who sent a form goes back to it');
unlike $r->text, qr/再试一次/, 'a link would lose it';

$r = $site->worker->get("staff/events/$event");
page($r, 503, ['返回工作台', '再试一次', 'class="desk"'],
     'a worker stays at the desk');
like $r->text, qr{href="/wenming/staff/"}, 'by a link';
unlike $r->text, qr/输入签到码|回到课程菜单/, 'among workers\' pages';

$site->start_redis;
ok $site->until(10, sub { $web->get("screen/$event",
       query => { pass => $pass })->text =~ /扫码签到/ }),
   'Redis is back: so is the wall';


# ---- revoked

ok $site->until(20, sub { $site->worker->post(
       "api/staff/events/$event/cancel", json => {})->{status} == 200 }),
   'the event is cancelled';
$r = screen($event, $pass);
ok !defined $r->json->{url}, 'a cancelled event has no codes any more';
ok $r->{status} >= 400, 'and its pass is worth nothing';

end();
