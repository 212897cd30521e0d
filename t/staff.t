use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Workers: signing in, and what each may see and do.

my $site = site();
my $web = $site->browser;
my $north = $site->staff(unit => 'wenyilu', name => 'north');
my $south = $site->staff(unit => 'chaoyangjie', name => '南站');
my $auditor = $site->staff(unit => 'furong', role => 'auditor',
                           name => 'auditor');
my $head = $site->staff(unit => 'furong', role => 'administrator',
                        name => 'head');
my $password = $site->{staff}{north};


sub sign_in {
    my ($browser, $name, $word) = @_;

    return $browser->post('api/staff/session',
                          json => { name => $name, password => $word });
}


# ---- signing in and out

my $one = $web->fresh;
my $r = sign_in($one, 'north', $password);

is $r->{status}, 200, 'a worker signs in';
is_deeply $r->json, { name => 'north', role => 'worker', unit => 'wenyilu' },
          'and hears who he is';

my $line = $r->cookie;

like $line, qr/; *HttpOnly/i, 'the cookie is not for scripts';
like $line, qr/; *SameSite=(?:Lax|Strict)/i, 'nor for other sites';
like $line, qr{; *Path=/}i, 'it has a path';
unlike $line, qr/; *Secure/i, 'and fits an address without TLS';
ok index($site->redis->call('KEYS', '*session*')->[0], (split /[=;]/, $line)[1])
   < 0, 'what Redis has of it does not open the door';

problem(sign_in($web->fresh, 'north', 'wrong password'), 401,
        'wrong_password', undef, 'a wrong password');
problem(sign_in($web->fresh, 'nobody', $password), 401, 'wrong_password',
        undef, 'an unknown name, in the same words');
problem(sign_in($web->fresh, 'north', ''), 422, 'invalid', ['password'],
        'no password');
problem(sign_in($web->fresh, 'nor/th', 'x' x 20), 401, 'wrong_password',
        undef, 'no name at all');
problem(sign_in($web->fresh, 'north', 'x' x 5000), 422, 'invalid',
        ['password'], 'a password without end');
ok !$web->fresh->post('api/staff/session', json => {
       name => 'north', password => 'wrong password' })->cookie,
   'who fails gets no cookie';

my @parallel = at_once(map { [$web->fresh, 'POST', 'api/staff/session',
                              json => { name => 'north',
                                        password => $password }] } 1 .. 12);

is scalar(grep { $_->{status} == 200 } @parallel), 12,
   'twelve who sign in at the same moment';

is $one->get('api/staff/events')->{status}, 200, 'the session opens the desk';

my $copy = $web->fresh;
$copy->{cookies} = { %{$one->{cookies}} };

is $one->delete('api/staff/session')->{status}, 200, 'and can be ended';
problem($one->get('api/staff/events'), 401, 'sign_in', undef,
        'then it is closed');
problem($copy->get('api/staff/events'), 401, 'sign_in', undef,
        'for a copy of the cookie too');


# ---- without a session

for my $case ([GET => 'api/staff/events'], [GET => 'api/staff/orders'],
              [POST => 'api/staff/events'], [GET => 'api/staff/events/1'],
              [PATCH => 'api/staff/events/1'],
              [POST => 'api/staff/events/1/publish'],
              [POST => 'api/staff/events/1/cancel'],
              [GET => 'api/staff/events/1/code'],
              [GET => 'api/staff/events/1/qr.svg'],
              [GET => 'api/staff/events/1/qr.png'],
              [GET => 'api/staff/events/1/roster'],
              [GET => 'api/staff/events/1/roster.csv'],
              [POST => 'api/staff/events/1/attendance'])
{
    my ($method, $path) = @$case;

    problem($web->request($method, $path,
                          $method eq 'GET' ? () : (json => {})),
            401, 'sign_in', undef, "$method $path needs a session");
}

$r = $web->get('staff/');
ok $r->{status} == 401 || $r->{status} == 303,
   'the page of the desk asks who it is';
page($web->get('staff/login'), 200, ['工作人员登录'], 'at a page for it');

my ($name) = sort grep { /staff/ } keys %{$south->{cookies}};
my $forged = $web->fresh;

for my $change (sub { substr $_[0], 20, 1, substr($_[0], 20, 1) eq 'A'
                                           ? 'B' : 'A' },
                sub { $_[0] = substr $_[0], 0, -3 },
                sub { $_[0] = '0' x length $_[0] })
{
    my $value = $south->{cookies}{$name}{value};
    $change->($value);
    $forged->{cookies} = { $name => { value => $value, path => '/' } };
    problem($forged->get('api/staff/events'), 401, 'sign_in', undef,
            'a forged cookie');
}


# ---- the form

my $page = $web->get('staff/login');

$r = $site->send_form($web, $page, { name => 'north', password => 'x' x 9 });
page($r, 401, ['用户名或密码不正确'], 'a wrong password at the page');
unlike $r->text, qr/x{9}/, 'is not repeated';
$r = $site->send_form($web, $r, { name => 'north', password => $password });
is $r->{status}, 303, 'the right one leads on';
like $r->header('location'), qr{/wenming/staff/$}, 'to the desk';
page($web->get('staff/'), 200, ['north'], 'which knows the name');
$r = $site->send_form($web, $web->get('staff/'), {}, qr/logout$/);
is $r->{status}, 303, 'the button signs out';
isnt $web->get('staff/')->{status}, 200, 'and the desk is closed';


# ---- the scope

my $event = $site->event(worker => $north, unit => 'wenyilu-1');
my $phone = $site->phone(7);
my $resident = $site->browser;

$resident->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu', head_count => 3,
    wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
    contact_name => '某居民', phone => $phone, note => '' });

my $order = $resident->get('api/me/orders')->json->{items}[0]{id};


sub sees {
    my ($browser, $path, $id) = @_;

    return scalar grep { $_->{id} eq $id }
                  @{$browser->get($path)->json->{items}};
}


for my $who ([$north, 1, 'a worker of the institute'],
             [$head, 1, 'one of the centre above'],
             [$auditor, 1, 'an auditor of the centre'],
             [$south, 0, 'a worker of another institute'])
{
    my ($browser, $may, $name) = @$who;

    is sees($browser, 'api/staff/events', $event), $may, "events: $name";
    is sees($browser, 'api/staff/orders', $order), $may, "orders: $name";
    is $browser->get("api/staff/events/$event")->{status}, $may ? 200 : 404,
       "the event: $name";
    is $browser->get("api/staff/events/$event/roster")->{status},
       $may ? 200 : 404, "its roster: $name";
    is $browser->get("api/staff/events/$event/roster.csv")->{status},
       $may ? 200 : 404, "its CSV: $name";
}

my $before = $site->journal_length;

for my $case ([PATCH => "api/staff/events/$event", { title => '改' }],
              [POST => "api/staff/events/$event/publish", {}],
              [POST => "api/staff/events/$event/cancel", {}],
              [POST => "api/staff/events/$event/attendance",
               { name => '某甲', phone => '' }])
{
    my ($method, $path, $body) = @$case;

    problem($south->request($method, $path, json => $body), 404, 'not_found',
            undef, "not from elsewhere: $method $path");
    problem($auditor->request($method, $path, json => $body), 403,
            'forbidden', undef, "not by an auditor: $method $path");
}

problem($south->get("api/staff/events/$event/code"), 404, 'not_found', undef,
        'codes are for their own workers');
problem($auditor->post('api/staff/events', json => { title => '新' }), 403,
        'forbidden', undef, 'an auditor makes no events');

$r = $north->post('api/staff/events',
                  json => { title => '别处', unit => 'chaoyangjie' });
ok $r->{status} == 403 || $r->{status} == 422,
   'no events for another institute';
$r = $north->patch("api/staff/events/$event", json => { unit => 'furong' });
ok $r->{status} == 403 || $r->{status} == 422, 'nor moved to one';
$r = $south->post('api/staff/events', json => {
    title => '偷看', unit => 'chaoyangjie', orders => [$order] });
ok $r->{status} == 403 || $r->{status} == 422,
   'nor for an order of another institute';
is $site->journal_length, $before, 'nothing of all that was applied';
is $head->patch("api/staff/events/$event", json => { title => '改过' })
       ->{status}, 200, 'the centre may';


# ---- the end of a session

$site->must('staff', 'disable', '南站');
problem($south->get('api/staff/events'), 401, 'sign_in', undef,
        'a disabled worker is out at once');
problem(sign_in($web->fresh, '南站', $site->{staff}{南站}), 401,
        'wrong_password', undef, 'and cannot sign in');
$site->must('staff', 'enable', '南站');
is sign_in($web->fresh, '南站', $site->{staff}{南站})->{status}, 200,
   'who is let in again can';
is $south->get('api/staff/events')->{status}, 401,
   'but the session of before has ended';

Wenming::Site::write_file("$site->{dir}/password", "another-password\n", 0600);
$site->must('staff', 'passwd', 'north', '--password-file',
            "$site->{dir}/password");
problem($north->get('api/staff/events'), 401, 'sign_in', undef,
        'a new password ends the sessions of the old one');
is sign_in($web->fresh, 'north', 'another-password')->{status}, 200,
   'and opens new ones';

my $redis = $site->redis;
my ($key) = grep { $redis->call('HGET', $_, 'name') eq 'head' }
            @{$redis->call('KEYS', $site->key('session:*'))};

ok $redis->call('TTL', $key) <= 1800, 'a session ends after half an hour idle';
$redis->call('HSET', $key, 'made', int((time - 8 * 3600 - 1) * 1000));
problem($head->get('api/staff/events'), 401, 'sign_in', undef,
        'and after eight hours in any case');

ok !(grep { /\Q$password\E/ } $site->error_log,
     Wenming::Site::read_file("$site->{dir}/access.log")),
   'no password in a log';

end();
