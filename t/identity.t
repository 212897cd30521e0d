use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Encode ();

# Who the site's own login says is asking: auth_request, and nothing that a
# client can send.

my %PEOPLE = (                          # a cookie of the site's, and who it is
    zhang => ['%E5%BC%A0%E4%B8%89', '13800000001'],     # 张三
    li => ['李四', '138 0000 0002'],
    wang => ['%E7%8E%8B%E4%BA%94', '13800000006'],  # 王五
    nobody => ['', ''],
    wrong => ['%E5%BC%A0%E4%B8%89', '12345'],
    control => ['a%00b', '13800000003'],
    long => ['x' x 51, '13800000004'],
    half => ['%E5%BC', '13800000005']);

my $port = Wenming::Site::free_port();

# the site's session, as its own application would answer for it

my $site = site(
    http => [
        'map $cookie_site $site_name {', '    default "";',
        (map { qq{    $_ "$PEOPLE{$_}[0]";} } sort keys %PEOPLE), '}',
        'map $cookie_site $site_phone {', '    default "";',
        (map { qq{    $_ "$PEOPLE{$_}[1]";} } sort keys %PEOPLE), '}',
        'server {', "    listen 127.0.0.1:$port;", '    location / {',
        '        if ($cookie_site = "away") { return 444; }',
        '        if ($cookie_site = "denied") { return 403; }',
        '        add_header X-Site-Name $site_name always;',
        '        add_header X-Site-Phone $site_phone always;',
        '        return 204;', '    }', '}'],
    server => [
        'location = /site-session {', '    internal;',
        "    proxy_pass http://127.0.0.1:$port/;",
        '    proxy_pass_request_body off;',
        '    proxy_set_header Content-Length "";',
        '    proxy_intercept_errors on;',
        '    error_page 401 403 404 500 502 503 504 = @nobody;', '}',
        'location @nobody {', '    return 204;', '}'],
    location => [
        'auth_request /site-session;',
        'auth_request_set $wm_name $upstream_http_x_site_name;',
        'auth_request_set $wm_phone $upstream_http_x_site_phone;',
        'wenming_identity name=$wm_name phone=$wm_phone;'],
    expect => [qr/wenming_identity gave no name and phone/,
               qr/upstream prematurely closed/]);
my $event = $site->event;


sub visitor {
    my ($who) = @_;

    my $browser = $site->browser;

    $browser->{cookies}{site} = { value => $who, path => '/' };

    return $browser;
}

sub scan {
    my ($browser) = @_;

    return $browser->get($site->code($event)->{path});
}

sub html { return Encode::decode('UTF-8', $_[0]{body}) }

sub names { return map { $_->{name} } @{$site->roster($event)->{items}} }


# ---- signed in there: one tap

my $zhang = visitor('zhang');
my $page = scan($zhang);

is $page->{status}, 200, 'somebody who is signed in at the site scans';
like $page->text, qr/张三/, 'and is greeted by name';
like $page->text, qr/138\*\*\*\*0001/, 'with a phone that others cannot read';

unlike $page->{body}, qr/<input[^>]*name="phone"/, 'no field for a phone';

my $ticket = $zhang->get('api/' . $site->code($event)->{path})->json->{ticket};
my $r = $zhang->post('api/c', json => { ticket => $ticket, who => 'me' });

is $r->{status}, 201, 'one tap checks in';
is $r->json->{name}, '张三', 'under the name that the site gave';
is_deeply [names()], ['张三'], 'the roster has it';
is $zhang->get('api/me')->json->{name}, '张三', 'the record knows the name';

$r = $zhang->post('api/c', json => { ticket => $ticket });
is $r->{status}, 200, 'again: the first time counts';


# ---- signed out there: the phone forgets, too

delete $zhang->{cookies}{site};
$page = scan($zhang);
unlike $page->text, qr/张三/, 'signed out at the site, nobody is greeted';
like $page->{body}, qr/<input[^>]*name="phone"/, 'a phone is asked for again';
$ticket = $zhang->get('api/' . $site->code($event)->{path})->json->{ticket};
$r = $zhang->post('api/c', json => { ticket => $ticket, who => 'me' });
is $r->{status}, 422, '"me" is nobody then';
ok !$zhang->get('api/me')->json->{known}, 'and the record does not know him';


# ---- for the family, and somebody else on this phone

my $li = visitor('li');

$ticket = $li->get('api/' . $site->code($event)->{path})->json->{ticket};
$r = $li->post('api/c', json => { ticket => $ticket, who => 'family',
                                  name => '李奶奶', phone => '13800000002' });
is $r->json->{name}, '李奶奶', 'one who is signed in checks in his family';
$r = $li->post('api/c', json => { ticket => $ticket, who => 'me' });
is $r->json->{name}, '李四', 'and himself, with a name that came in plain';


# ---- a place, with one tap too

my $places = $site->event(start => Wenming::Site::iso(time + 3 * 86400),
                          end => Wenming::Site::iso(time + 3 * 86400 + 3600),
                          capacity => 5);
my $new = visitor('wang');                  # never seen in this district

$page = $new->get("enrol/$places");
like html($page), qr/王五/, 'the page to enrol greets a visitor';
unlike $page->{body}, qr/<input[^>]*name="phone"/, 'and asks for nothing';
$r = $new->post("api/events/$places/enrol", json => { who => 'me' });
is $r->{status}, 201, 'he has a place';
is $r->json->{name}, '王五', 'under his name';
is $new->post("api/events/$places/enrol", json => {})->{status}, 200,
   'and keeps it';


# ---- the same person without the site's login is the same person

my $plain = $site->browser;

$ticket = $plain->get('api/' . $site->code($event)->{path})->json->{ticket};
$r = $plain->post('api/c', json => { ticket => $ticket, who => 'new',
                                     name => '张 三', phone => '13800000001' });
is $r->{status}, 200, 'a name and phone typed elsewhere are the same person';


# ---- an order

$page = visitor('zhang')->get('course/science-01');
like html($page), qr/name="contact_name"[^>]*value="张三"/,
     'the form of an order has the name';
like $page->{body}, qr/name="phone"[^>]*value="13800000001"/, 'and the phone';
unlike visitor('nobody')->get('course/science-01')->{body}, qr/1380000/,
       'but nobody else\'s form';
unlike html($site->browser->get('menu')), qr/张三/,
       'what is shared by all has no name';


# ---- what the site does not say, nobody is

for my $who (qw(nobody wrong control long half unknown away denied)) {
    my $page = scan(visitor($who));

    is $page->{status}, 200, "$who: the page comes";
    like $page->{body}, qr/<input[^>]*name="phone"/, 'and asks who it is';
}


# ---- nor what a client says

for my $name ('X-Site-Name', 'x-site-phone', 'Wm-Name') {
    my $page = $site->browser->get(
        $site->code($event)->{path},
        headers => { $name => '13800000001', 'X-Site-Name' => 'x',
                     'X-Site-Phone' => '13800000001' });

    like $page->{body}, qr/<input[^>]*name="phone"/, "a header $name is nothing";
}

unlike $site->error_log, qr/1380000000[1-5]|12345|%E5%BC%A0/,
       'no name and no phone in the log';

end();
