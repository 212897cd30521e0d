use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Addresses, methods and what stands beside them in the same location.

my $site = site();
my $web = $site->browser;
my $event = $site->event;

# ---- HEAD equals GET

for my $path ('menu', 'api/menu', 'api/units', 'timetable', 'fragment/menu',
              "event/$event", "api/events/$event", 'course/law-01',
              'api/events/77777', 'event/77777', 'api/nothing', 'orders',
              'api/me', 'c', 'staff/login',
              $site->asset('desk.css'))
{
    my $get = $web->get($path);
    my $head = $web->head($path);

    is $head->{status}, $get->{status}, "HEAD $path";
    is $head->{error}, '', 'has no body';
    is $head->type, $get->type, 'the type is the same';
    is $head->header('content-length'), $get->header('content-length'),
       'and the length' if $path !~ m{^(?:course|orders|staff)};
}


# ---- other methods

for my $case (['api/menu', 'GET, HEAD', qw(POST PUT DELETE PATCH OPTIONS)],
              ['menu', 'GET, HEAD', qw(POST DELETE)],
              ['api/orders', 'POST', qw(GET PUT DELETE)],
              ['api/staff/session', 'POST, DELETE', qw(GET PUT)],
              ["api/staff/events/$event", 'GET, HEAD, PATCH',
               qw(POST PUT DELETE)],
              ['staff/logout', 'POST', qw(GET)],
              ['c', 'GET, HEAD, POST', qw(PUT)],
              ['course/law-01', 'GET, HEAD, POST', qw(DELETE)])
{
    my ($path, $allow, @methods) = @$case;

    for my $method (@methods) {
        my $r = $web->request($method, $path,
                              $method =~ /^P/ ? (json => {}) : ());

        is $r->{status}, 405, "$method $path";
        is join(', ', sort split /, */, $r->header('allow') || ''),
           join(', ', sort split /, */, $allow), "Allow: $allow";
        problem($r, 405, 'method_not_allowed') if $path =~ /^api/;
    }
}

my $s = $web->open;
print $s "BREW /wenming/api/menu HTTP/1.1\r\nHost: x\r\n"
         . "Connection: close\r\n\r\n";
like $web->read_answer($s)->{status}, qr/^40[05]$/, 'a method nobody knows';


# ---- addresses that are none

for my $path ('api/nothing', 'api/', 'api/menu/', 'api/menu/x', 'api/menus',
              'api/events/', "api/events/$event/", "api/events/$event/x",
              "api/events/0$event", 'api/events/0', 'api/events/-1',
              "api/events/${event}x", 'api/events/99999999999',
              'api/events/4294967296', 'api/courses/', 'api/courses/a%2fb',
              'api/courses/' . 'x' x 2000,
              'api/staff/', 'api/API', 'api/Menu')
{
    problem($web->get($path), 404, 'not_found', undef,
            'GET ' . substr $path, 0, 40);
}

is $web->get('api')->{status}, 404, 'api without a slash is a file';
page($web->get('event/77777'), 404, ['没有找到您要的内容'], 'as a page');
is $web->get('nothing')->{status}, 404, 'elsewhere nginx looks for a file';
unlike $web->get('nothing')->text, qr/urn:wenming/, 'and answers itself';
page($web->get('missing'), 404, ['没有找到您要的内容'],
     'there is a page for that, which');

my $guided = site(location => ['error_page 404 /wenming/missing;'])->browser;

for my $path ('nothing', 'staff/nothing', 'a/x-0123456789ab.css', 'menu/') {
    page($guided->get($path), 404, ['没有找到您要的内容', '返回首页'],
         "error_page shows for $path");
}

page($guided->get('event/77777'), 404, ['没有找到您要的内容'],
     'and which is no other than ours');
is $guided->get($site->asset('desk.css'))->{status}, 200,
   'what is there is as before';
is $web->get("event/$event/")->{status}, 404, 'trailing junk';
is $web->get('menu/')->{status}, 404, 'a trailing slash';
is $web->get('/wenming/../wenming/./api//menu')->{status}, 200,
   'what nginx makes one address is one';
is $web->get('/wenming/api/menu/../../../etc/passwd')->{status}, 404,
   'no way out';
is $web->get('/other')->{status}, 404, 'elsewhere the module is silent';


# ---- files beside

for my $bundle ('desk.css', 'wall.css', 'page.js') {
    my $name = $site->asset($bundle);
    my $file = "$Wenming::Site::ROOT/build/web/$name";
    my $r = $web->get($name);

    is $r->{status}, 200, "$name is served by nginx";
    like $r->type, qr{^(?:text/css|application/javascript)$}, 'as such';
    is $r->{body}, Wenming::Site::read_file($file), 'as it is';
    ok defined $r->header('accept-ranges'), 'by its own static module';
    is $web->get($name, headers => { Range => 'bytes=0-9' })->{status}, 206,
       'with ranges';
    ok -s "$file.gz", 'and there is a packed one for gzip_static';
}


# ---- what is short or odd

is $web->get('api/menu', headers => { Host => 'evil.example' })->{status}, 200,
   'the Host header decides nothing';
unlike $web->get('menu', headers => { Host => 'evil.example' })->text,
       qr/evil/, 'nor does it come back';

$s = $web->open;
print $s "GET /wenming/api/menu HTTP/1.0\r\n\r\n";
is $web->read_answer($s)->{status}, 200, 'HTTP/1.0 without Host';

$s = $web->open;
print $s join '', map { $web->bytes_of('GET', $_, headers => {
                            Connection => undef }) } qw(api/menu api/units);
print $s $web->bytes_of('GET', 'api/me');
my $r = $web->read_answer($s);
is scalar(() = $r->{raw} =~ m{HTTP/1\.1 200}g), 3,
   'three requests at once on one connection';

my $id = Wenming::Http::escape('党员');
is $web->get("api/courses/$id")->{status}, 404, 'a name that is no id';
is $web->get('api/menu?practice=theory&practice=culture')->{status}, 422,
   'a parameter given twice';
is $web->get('api/menu?&&')->{status}, 200, 'empty parameters';
is $web->get('menu?practice=')->{status}, 200, 'an empty choice is none';


# ---- errors for people and for programs

$r = $web->get('api/events/77777');
is $r->json->{title}, '没有找到您要的内容。', 'an error has a sentence';
ok length $r->json->{detail}, 'and says what to do next';
like $r->header('cache-control') || 'no-store', qr/no-store|no-cache/,
     'and is not kept';


# ---- health

$r = $web->get('api/health');
is $r->{status}, 200, 'from this machine';
ok keys %{$r->json} > 0, 'health says something';

my $closed = site(location => ['wenming_health 192.0.2.0/24;']);

ok $closed->browser->get('api/health')->{status} =~ /^40[34]$/,
   'from elsewhere it says nothing';

end();
