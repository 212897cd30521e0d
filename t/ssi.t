use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# A site's own pages that take in our fragments, and nothing else of ours.

my $site = site(
    http => ['gzip on;', 'gzip_types text/html;'],
    server => [
        'location /page/ {', '    ssi on;', '    alias {{dir}}/page/;',
        '    charset gbk;', '    override_charset off;', '}' ]);
my $dir = "$site->{dir}/page";

mkdir $dir;


sub write_page {
    my ($name, @virtual) = @_;

    Wenming::Site::write_file("$dir/$name", join '',
        "<html><body>before\n",
        (map { "<div><!--#include virtual=\"$_\" --></div>\n" } @virtual),
        "after</body></html>\n");

    chmod 0755, $dir;
    chmod 0644, "$dir/$name";

    return;
}


my $web = $site->browser;

write_page('menu.html', '/wenming/fragment/menu');
write_page('both.html', '/wenming/fragment/menu', '/wenming/fragment/timetable',
           '/wenming/fragment/menu');


# ---- it is in the page

my $fragment = $web->get('fragment/menu');
my $r = $web->get('/page/menu.html');

is $r->{status}, 200, 'a page with the menu';
like $r->{body}, qr/before/, 'itself';
ok index($r->{body}, $fragment->{body}) > 0, 'and the fragment';
like $r->{body}, qr/after/, 'whole';
unlike $r->{body}, qr/[^\x00-\x7f]/, 'in ASCII, fit for a page in GBK';
ok !defined $r->header('set-cookie'), 'without our cookies';

$r = $web->get('/page/both.html');
is scalar(() = $r->{body} =~ m{course/party-01"}g), 2,
   'three fragments, one of them twice';


# ---- a browser that asks again: an own 304 would blank the page

my $etag = $fragment->header('etag');

ok defined $etag, 'the fragment has an ETag';

for my $tag ($etag, "W/$etag", "\"x\", $etag") {
    $r = $web->get('/page/menu.html', headers => { 'If-None-Match' => $tag });
    ok $r->{status} == 200 && index($r->{body}, $fragment->{body}) > 0,
       "with If-None-Match: $tag the fragment is still there";
}

$r = $web->get('/page/menu.html', headers => {
    'If-Modified-Since' => 'Fri, 01 Jan 2100 00:00:00 GMT' });
ok $r->{status} == 304 || index($r->{body}, $fragment->{body}) > 0,
   'with If-Modified-Since too';
is $web->get('fragment/menu', headers => { 'If-None-Match' => $etag })
       ->{status}, 304, 'by itself the fragment does say 304';

$r = $web->get('/page/menu.html', headers => { Range => 'bytes=0-30' });
ok $r->{status} == 206 || index($r->{body}, $fragment->{body}) > 0,
   'a range does not break it';
is $web->head('/page/menu.html')->{status}, 200, 'HEAD';


# ---- what does not go into other pages

my $event = $site->event;
my $me = $site->browser;

$site->check_in($me, $event, '郑示例', $site->phone(1));
$me->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu', head_count => 1, note => '',
    wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
    contact_name => '郑示例', phone => $site->phone(1) });

my %forbidden = (
    me => '/wenming/api/me', orders => '/wenming/orders',
    'my-orders' => '/wenming/api/me/orders', menu => '/wenming/menu',
    course => '/wenming/course/law-01', code => '/wenming/c',
    scan => '/wenming/' . $site->code($event)->{path},
    'api-menu' => '/wenming/api/menu', login => '/wenming/staff/login',
    desk => '/wenming/staff/', health => '/wenming/api/health',
    roster => "/wenming/api/staff/events/$event/roster",
);

for my $name (sort keys %forbidden) {
    write_page("$name.html", $forbidden{$name});

    my $who = $name =~ /^(?:desk|roster)$/ ? $site->worker : $me;
    my $r = $who->get("/page/$name.html");

    is $r->{status}, 200, "the page around $forbidden{$name} is there";
    unlike $r->{body}, qr/<form|<input|party-01|"known"|"redis"|ticket/,
           'without what is personal or has a form';
    ok index($r->text, '郑示例') < 0 && $r->{body} !~ /&#37073;/,
       'and without the name';
    ok !defined $r->header('set-cookie'), 'and without a cookie';
}

# a post to the page becomes a GET of the fragment, or nothing

my $before = $site->journal_length;

write_page('c.html', '/wenming/c', '/wenming/fragment/menu');
$me->post('/page/c.html', form => { name => 'x' });
is $site->journal_length, $before, 'a post to the page writes nothing of ours';


# ---- as somebody's auth_request it does not crash

my $gate = site(server => [
    'location = /gate { auth_request /wenming/api/menu; alias {{dir}}/web/;'
        . ' try_files /a/' . Wenming::Site->asset_file('desk.css') . ' =404; }',
    'location /named { error_page 404 = @ours; return 404; }',
    'location @ours { rewrite ^ /wenming/menu last; }' ]);

ok $gate->browser->get('/gate')->{status} =~ /^(?:200|40[134]|500)$/,
   'auth_request has an answer';
page($gate->browser->get('/named/x'), 200, ['课程菜单'],
     'an internal redirect leads to the page');

end();
