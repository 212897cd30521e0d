use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The screen on the wall: opened by a pass, which can read and nothing else.

my $site = site();
my $web = $site->browser;
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
like $r->text, qr{<link rel="icon" href="data:,">},
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


# ---- what is no pass

my $seal = $site->seal;
my %bad = (
    'for another event' => $seal->pass(event => $other),
    'of another epoch' => $seal->pass(event => $event, epoch => 9),
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
    for my $at ("api/screen/$event", "screen/$event", "screen/$event/qr.svg",
                "screen/$event/qr.png")
    {
        my $r = $web->get($at, query => { pass => $bad{$name} });

        ok $r->{status} >= 400 && $r->{status} < 500, "$at: a pass $name";
        unlike $r->text =~ s{<style>.*?</style>}{}rs,
               qr{/c/[0-9A-Z]{45}|\b\d{6}\b}, 'shows no code';
    }
}

ok $web->get("api/screen/$event")->{status} >= 400, 'no pass at all';
is screen($event, $seal->pass(event => $event))->{status}, 200,
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

$site->worker->post("api/staff/events/$event/cancel", json => {});
$r = screen($event, $pass);
ok !defined $r->json->{url}, 'a cancelled event has no codes any more';
ok $r->{status} >= 400, 'and its pass is worth nothing';

end();
