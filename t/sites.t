use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Encode ();
use File::Path qw(make_path);

use Wenming::Example;

# Sites of plain files and of pages in GBK, by the files of docs/examples, and
# what pages of anywhere load: fragments and elements.  A WordPress:
# wordpress.t; what a browser makes of it: tests/browser/sites.js.

my $iso = \&Wenming::Site::iso;

# ---- what is the same for every page

my $static = site(place => [], server => [Wenming::Example::server(
    Wenming::Example::text('nginx-static.conf', Wenming::Example::ours(),
                           ['/var/www/html', '{{dir}}/html']))]);
my $web = $static->browser;
my $soon = $static->event(title => '周末插花课', capacity => 1,
                          start => $iso->(time + 3 * 86400),
                          end => $iso->(time + 3 * 86400 + 5400));
my $late = $static->event(title => '二十日后的讲座',
                          start => $iso->(time + 20 * 86400),
                          end => $iso->(time + 20 * 86400 + 5400));

for my $path ('fragment/menu', 'fragment/timetable', "fragment/event/$soon",
              'fragment/wishes')
{
    my $r = $web->get($path, headers => {
        Origin => 'https://else.example', Cookie => 'wm_furong_device=x' });

    is $r->{status}, 200, $path;
    is $r->header('access-control-allow-origin'), '*',
       'may be read by pages of anywhere';
    ok !defined $r->header('access-control-allow-credentials'),
       'as nobody';
    ok !defined $r->header('set-cookie'), 'without a cookie';
    unlike $r->{body}, qr/[^\x00-\x7f]|<form|<input|<script|style=/,
           'in ASCII, with nothing but text and links';

    $r = $web->get($path, headers => { 'If-None-Match' => $r->header('etag') });
    is $r->{status}, 304, 'again: not changed';
    is $r->header('access-control-allow-origin'), '*', 'and still readable';
}

is $web->get('fragment/event/77777')->{status}, 404, 'no such event';

for my $path (qw(menu timetable api/menu api/timetable api/me course/law-01
                 orders staff/login api/staff/events c), "event/$soon")
{
    ok !defined $web->get($path, headers => {
        Origin => 'https://else.example' })
           ->header('access-control-allow-origin'), "$path is for itself";
}

my $draft = $static->event(draft => 1, title => '草稿');

is $web->get("fragment/event/$draft")->{status}, 404,
   'a draft is not for the public';


# ---- what they say

my $r = $web->get("fragment/event/$soon");

page($r, 200, ['周末插花课', '一活动室', '我要报名'], 'an event');
like $r->{body}, qr/<time datetime="20\d\d-/, 'with its time for programs';
like $r->{body}, qr{href="http://127.0.0.1:\d+/wenming/enrol/$soon"},
     'and the way to enrol';

$web->post("api/events/$soon/enrol", json => {
    name => '示例居民', phone => $static->phone(1) });
page($web->get("fragment/event/$soon"), 200, ['我要候补'],
     'when it is full, one waits');

like $web->get('fragment/timetable')->text, qr/event\/$late"/,
     'four weeks of a timetable';
$r = $web->get('fragment/timetable?days=7')->text;
ok $r =~ /event\/$soon"/ && $r !~ /event\/$late"/, 'or a week of it';
is $web->get("fragment/timetable?days=$_")->{status}, 422, "not $_ days"
    for 0, 29, 'x';

$r = $web->get('fragment/menu?unit=wenyilu-1');
like $r->{body}, qr{/course/law-01\?unit=wenyilu-1"},
     'a menu of a unit leads to orders of it';
like $web->get('course/law-01?unit=wenyilu-1')->text,
     qr/<option value="wenyilu-1" selected>/, 'where it is chosen';
is $web->get('fragment/menu?unit=%22%3E%3Cb')->{status}, 422,
   'nothing else than a name of a unit';
unlike $web->get('fragment/menu')->{body}, qr/\?unit=/, 'without one, none';


is scalar(() = $web->get('fragment/menu?limit=6')->{body} =~ m{/course/}g), 6,
   'a page need not have all of it';
is $web->get("fragment/menu?limit=$_")->{status}, 422, "not $_"
    for 0, 201, 'x';


# ---- the elements

my $elements = $static->asset('elements.js');

$r = $web->get('elements.js');
is $r->{status}, 200, 'a small address for pages that know no hash';
is $r->{body}, qq{import "./$elements";\n}, 'names the newest';
is $r->header('access-control-allow-origin'), '*', 'for any origin';
is $r->header('cache-control'), 'no-cache', 'and asks again';
$r = $web->get($elements);
is $r->header('access-control-allow-origin'), '*', 'what it names, too';
like $r->header('cache-control'), qr/immutable/, 'is kept';
cmp_ok -s "$Wenming::Site::ROOT/build/web/$elements.gz", '<', 4096,
       'and is small';
unlike $r->{body}, qr/[^\x00-\x7f]/, 'in ASCII, for a page in GBK';


# ---- what an administrator pastes

my %lines = map { $_ => 1 } split /\n/, Wenming::Site::read_file(
    "$Wenming::Site::ROOT/docs/examples/nginx-wordpress-location.conf");

is_deeply [grep { !/^#/ && !$lines{$_} } split /\n/, Wenming::Site::read_file(
               "$Wenming::Site::ROOT/docs/examples/nginx-location.conf")], [],
          'the location beside a WordPress has all that the usual one has';


# ---- a site of plain files

make_path("$static->{dir}/html");
chmod 0755, "$static->{dir}/html";

sub html {
    my ($site, $name, $text, $encoding) = @_;

    my $path = "$site->{dir}/html/$name";

    Wenming::Site::write_file($path, Encode::encode($encoding, $text));
    chmod 0644, $path;

    return;
}

my ($include) = Wenming::Example::blocks('Plain files', 'html');

html($static, 'index.html', <<"END", 'UTF-8');
<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>示例社区</title></head>
<body><h1>示例社区</h1>
$include<p>以上</p></body></html>
END
html($static, 'plain.html', "<html><body>示例</body></html>\n", 'UTF-8');

$r = $web->get('/');
is $r->{status}, 200, 'a page of the site';
like $r->text, qr{<h1>示例社区</h1>\n<ul class="wenming-list.*<p>以上</p>}s,
     'has the timetable where it was asked for';
like $r->text, qr{/wenming/event/$soon"}, 'with what is on';
is $web->get('/plain.html')->text, "<html><body>示例</body></html>\n",
   'another page is as it was';
is $web->get('/none.html')->{status}, 404, 'and none is none';

$static->stop_redis;
sleep 1.2;
$r = $web->get('/');
ok $r->{status} == 200 && $r->text =~ /示例社区.*以上/s,
   'without Redis the page is still there';
unlike $r->text, qr/error occurred/, 'and shows no error of nginx';


# ---- pages in GBK, from a system of their own

my $cms = Wenming::Site::free_port();
my $gbk = site(
    place => [],
    http => ['server {', "    listen 127.0.0.1:$cms;",
             '    root {{dir}}/html;', '    charset gbk;', '    gzip on;', '}'],
    server => [Wenming::Example::server(
        Wenming::Example::text('nginx-gbk.conf', Wenming::Example::ours(),
                               ['127.0.0.1:8081', "127.0.0.1:$cms"]))]);

make_path("$gbk->{dir}/html");
chmod 0755, "$gbk->{dir}/html";
my ($div) = Wenming::Example::blocks('A system in GBK', 'html');

html($gbk, 'index.html', <<"END", 'GBK');
<html><head><meta charset="gbk"><title>芙蓉区文明网</title></head>
<body><h1>芙蓉区文明网</h1>
$div<p>留言：<!--# include virtual="/wenming/fragment/menu" --></p>
</body></html>
END

$web = $gbk->browser;
$r = $web->get('/', headers => { 'Accept-Encoding' => 'gzip' });
is $r->header('content-type'), 'text/html; charset=gbk', 'a page in GBK';

my $text = Encode::decode('GBK', $r->{body}, Encode::FB_CROAK);

like $text, qr{<h1>芙蓉区文明网</h1>\n<div class="wenming-timetable"><ul},
     'has the timetable, where an editor wrote the div';
like Wenming::Answer::unescape($text), qr/垃圾分类动手练/,
     'in letters that the page can show';
like $text, qr{留言：<!-- # include}, 'a visitor\'s instruction is none';
unlike $text, qr{/course/}, 'and does nothing';

end();
