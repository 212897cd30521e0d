#!/usr/bin/perl
# For sites.js: a WordPress, a site of plain files and one in GBK, each with us
# in it by the files of docs/examples.

use FindBin;
use lib "$FindBin::Bin/../../t/lib";
use Wenming::Test;

use Encode ();
use File::Path qw(make_path);
use JSON::PP ();

use Wenming::Example;
use Wenming::Wordpress;

my ($walk, $pictures) = @ARGV;

sub events {
    my ($site) = @_;

    return (
        open => $site->event(title => '健康讲座', place => '二楼多功能厅'),
        soon => $site->event(title => '周末插花课', capacity => 20,
                             start => Wenming::Site::iso(time + 3 * 86400),
                             end => Wenming::Site::iso(time + 3 * 86400
                                                       + 5400)),
        late => $site->event(title => '二十日后的讲座',
                             start => Wenming::Site::iso(time + 20 * 86400),
                             end => Wenming::Site::iso(time + 20 * 86400
                                                       + 5400)));
}


# ---- a WordPress

my $blog = Wenming::Site->prepare(place => []);

$blog->start_redis;
$blog->import_data("$Wenming::Site::ROOT/demo/data");

my $wp = Wenming::Wordpress->start($blog);

$blog->{server} = [$wp->server_after];
$blog->start_nginx;
$wp->install($blog->browser);
$wp->php(<<'END');
update_option('permalink_structure', '/%postname%/');
update_option('blogdescription', '示例区新时代文明实践中心');
$GLOBALS['wp_rewrite']->init();
flush_rewrite_rules();
wp_delete_post(1, true);
wp_delete_post(2, true);
update_option('sidebars_widgets', array('sidebar-1' => array()));
END

# what an editor writes into blocks of HTML

my ($div, $element) = map { "<!-- wp:html -->\n$_<!-- /wp:html -->\n" }
                      Wenming::Example::blocks('WordPress', 'html');

$wp->page('services', '点单服务',
          "<p>社区居民可以在这里点单，志愿服务队上门授课。</p>\n$div");
$wp->page('week', '本周活动', $element);
$wp->resident('jia', '示例居民甲', $blog->phone(1));

my %blog = events($blog);

$blog->worker;


# ---- plain files

my $static = site(place => [], server => [Wenming::Example::server(
    Wenming::Example::text('nginx-static.conf', Wenming::Example::ours(),
                           ['/var/www/html', '{{dir}}/html']))]);
my %static = events($static);

my ($colours) = Wenming::Example::blocks('Elements', 'css');

sub html {
    my ($site, $name, $title, $inside, $encoding) = @_;

    my $dir = "$site->{dir}/html";
    my $charset = lc($encoding ||= 'UTF-8');
    my $policy = $inside =~ s/^(<meta.*>\n)// ? $1 : '';

    make_path($dir);
    chmod 0755, $dir;
    Wenming::Site::write_file("$dir/$name", Encode::encode($encoding, <<"END"));
<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="$charset">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="stylesheet" href="/site.css">
<link rel="icon" href="data:,">
$policy</head>
<body>
<header><b>示例社区</b><nav><a href="/">首页</a> <a href="/news.html">动态</a>
<a href="/about.html">概况</a></nav></header>
<main>
$inside
</main>
<footer>示例社区居民委员会</footer>
</body>
</html>
END
    Wenming::Site::write_file("$dir/site.css", <<"END");
$colours
body { margin: 0; background: #f4f1ea; color: #333;
    font: 16px/1.6 "Noto Serif CJK SC", serif; }
header { background: #7a2b20; color: #fff; padding: 16px; display: flex;
    flex-wrap: wrap; gap: 8px 24px; align-items: baseline; }
header b { font-size: 22px; }
header a { color: #fff; margin-right: 12px; }
main { max-width: 900px; margin: 0 auto; padding: 8px 16px 24px; }
h1, h2 { font-size: 20px; border-left: 4px solid #7a2b20; padding-left: 8px; }
footer { padding: 16px; text-align: center; color: #666; }
END
    chmod 0644, glob "$dir/*";

    return;
}

# one that will not take place

my $off = $static->event(title => '改期的讲座',
                         start => Wenming::Site::iso(time + 4 * 86400),
                         end => Wenming::Site::iso(time + 4 * 86400 + 3600));

$static->worker->post("api/staff/events/$off/cancel", json => {});

my ($include) = Wenming::Example::blocks('Plain files', 'html');

html($static, 'index.html', '示例社区', <<"END");
<h2>近期活动</h2>
$include
<h2>社区简介</h2>
<p>示例社区位于示例区，居民三千户。</p>
END

my ($elements) = Wenming::Example::blocks('Elements', 'html');

sub with {
    my ($url, $id) = @_;

    return $elements =~ s{https://www\.example\.gov\.cn/wenming}{$url}gr
                     =~ s/ id="1"/ id="$id"/r
                     =~ s/^<wenming-timetable/<h2>近期活动<\/h2>\n$&/mr
                     =~ s/^<wenming-menu/<h2>志愿服务菜单<\/h2>\n$&/mr
                     =~ s/^<wenming-event/<h2>重点活动<\/h2>\n$&/mr;
}

html($static, 'elements.html', '示例社区', with('/wenming', $static{soon}));
html($static, 'else.html', '示例社区',
     with($blog->public_url, $blog{soon}));
html($static, 'strict.html', '示例社区', <<'END');
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src data:">
<script type="module" src="/wenming/elements.js"></script>
<wenming-timetable></wenming-timetable>
<wenming-event id="77777"></wenming-event>
<wenming-event></wenming-event>
END


# ---- GBK

my $cms = Wenming::Site::free_port();
my $gbk = site(
    place => [],
    http => ['server {', "    listen 127.0.0.1:$cms;",
             '    root {{dir}}/html;', '    charset gbk;', '    gzip on;', '}'],
    server => [Wenming::Example::server(
        Wenming::Example::text('nginx-gbk.conf', Wenming::Example::ours(),
                               ['127.0.0.1:8081', "127.0.0.1:$cms"]))]);
my %gbk = events($gbk);

($div) = Wenming::Example::blocks('A system in GBK', 'html');

html($gbk, 'index.html', '示例社区', <<"END", 'GBK');
<h2>近期活动</h2>
$div
<h2>志愿服务菜单</h2>
<script type="module" src="/wenming/elements.js"></script>
<wenming-menu limit="6"><a href="/wenming/menu">查看服务菜单</a></wenming-menu>
END


$ENV{WENMING_PICTURES} = $pictures // '';
$ENV{WENMING_SITE} = JSON::PP->new->encode({
    url => $blog->public_url, event => $blog{open}, soon => $blog{soon},
    blog => "http://127.0.0.1:$blog->{port}",
    static => "http://127.0.0.1:$static->{port}",
    gbk => "http://127.0.0.1:$gbk->{port}",
    static_soon => $static{soon},
    reader => 'jia', reader_password => $Wenming::Wordpress::PASSWORD,
    worker => 'worker-furong', password => $blog->{staff}{'worker-furong'} });

my $rc = system 'node', "$FindBin::Bin/kit.js", $walk;
my @faults = ($wp->faults, map { $_->faults } $blog, $static, $gbk);

print "$walk: faults in the logs\n@faults\n" if @faults;
exit($rc || @faults ? 1 : 0);
