use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# A code by the site's gateway, whatever the gateway does; and who has typed
# it is verified on that device, and on no other.

use Encode ();
use IO::Socket::INET;

my ($good, $bad, $closed) = map { Wenming::Site::free_port() } 1 .. 3;

# connections are taken and never answered

my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                                 Listen => 64) or die "listen: $!";

# what docs/examples has, but for the address

my $example = Encode::decode('UTF-8', Wenming::Site::read_file(
    "$Wenming::Site::ROOT/docs/examples/nginx-sms.conf"));

$example =~ s{https://sms\.example\.com}{http://127.0.0.1:$good}
    or die 'the example has another address';

# the last digit of the phone says what the gateway is like

my $site = site(
    http => [
        'log_format sms "$http_x_phone $http_x_code $request_method '
        . '$request_body cookie:$http_cookie key:$http_idempotency_key";',
        'log_format example escape=none "$http_authorization $host '
        . '$request_uri $request_body";',
        'map $wenming_sms_phone $gateway {',
        "    default 127.0.0.1:$good;", "    ~5\$ 127.0.0.1:$bad;",
        '    ~6$ 127.0.0.1:' . $deaf->sockport . ';',
        "    ~7\$ 127.0.0.1:$closed;", '}',
        'server {', "    listen 127.0.0.1:$good;",
        '    location = /taken { access_log off; return 204; }',
        '    location = /send {',
        '        access_log {{dir}}/sms.log sms;',
        "        proxy_pass http://127.0.0.1:$good/taken;", '    }',
        '    location = /v1/messages {',
        '        access_log {{dir}}/example.log example;',
        "        proxy_pass http://127.0.0.1:$good/taken;", '    }', '}',
        'server {', "    listen 127.0.0.1:$bad;", '    return 500;', '}' ],
    server => [
        'location = /sms {', '    internal;',
        '    proxy_pass http://$gateway/send;',
        '    proxy_set_header X-Phone $wenming_sms_phone;',
        '    proxy_set_header X-Code $wenming_sms_code;',
        '    proxy_set_body "to=$wenming_sms_phone";', '}',
        $example,
        'location ^~ /example/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/example;',
        '    wenming_sms /wenming-sms;', '}',
        'location = /open { return 204; }',
        'location ^~ /none/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/none;',
        '    wenming_sms /nowhere;', '}',
        'location ^~ /open/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/open;',
        '    wenming_sms /open;', '}',
        'location ^~ /without/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/without;', '}' ],
    location => ['wenming_sms /sms;'],
    expect => [qr/gateway of wenming_sms/]);
my $redis = $site->redis;
my %codes;                              # all of them, for the logs


# The last code that reached the gateway for a phone.

sub code {
    my ($phone) = @_;

    my $found;

    $site->until(5, sub {
        ($found) = reverse map { /^$phone (\d{6}) / }
            split /\n/, Wenming::Site::read_file("$site->{dir}/sms.log");
        $found });
    $codes{$found} = 1 if $found;

    return $found;
}

sub wrong { return sprintf '%06d', ($_[0] + 1 + ($_[1] || 0)) % 1_000_000 }

# A phone that ends so.

my $serial = 0;
sub phone { return $site->phone(10 * ++$serial + ($_[0] || 0)) }

sub sent {
    my ($browser, $name, $phone) = @_;

    return $browser->post('api/me/code', json => {
        name => $name, phone => $phone });
}

sub typed {
    my ($browser, $name, $phone, $code) = @_;

    return $browser->post('api/me/verify', json => {
        name => $name, phone => $phone, code => "$code" });
}

sub later {                             # a minute has passed, for phones
    $redis->call('DEL', @{$redis->call('KEYS', $site->key('sms:*'))});
}


# ---- by the pages

my $phone = phone();
my $web = $site->browser;
my $page = $web->get('me');

page($page, 200, ['还没有登记', '验证手机号'], 'nobody is known');
$page = $web->get('verify');
page($page, 200, ['获取验证码', '姓名'], 'the page asks who');

my $r = $site->send_form($web, $page, { name => '张三', phone => '12' });
page($r, 422, ['获取验证码'], 'a phone that is none');
$page = $site->send_form($web, $web->get('verify'),
                         { name => '张三', phone => $phone });
page($page, 200, ['验证码发到', substr($phone, 0, 3) . '****'],
     'a code was sent');

problem(sent($site->browser, '张三', '0731-12345678'), 422, 'invalid',
        ['phone'], 'no message goes to a phone on a desk');

my $code = code($phone);
like $code, qr/^\d{6}$/, 'six digits reached the gateway';
$r = $site->send_form($web, $page, { code => wrong($code) }, qr/code$/);
page($r, 403, ['验证码不对', '短信里的 6 位数字'], 'a wrong one');
ok !$web->get('api/me')->json->{verified}, 'verifies nobody';
$r = $site->send_form($web, $r, { code => '12' }, qr/code$/);
page($r, 422, ['格式不正确', '短信里的 6 位数字'], 'not six digits');
$r = $site->send_form($web, $r, { code => substr($code, 0, 3) . ' '
                                  . substr $code, 3 }, qr/code$/);
is $r->{status}, 303, 'the right one, with a blank';
page($web->get('me'), 200, ['张三', '手机号已验证'], 'is good');
ok $web->get('api/me')->json->{verified}, 'api/me says so too';
is typed($web, '张三', $phone, $code)->json->{code}, 'code_over',
   'it is good once';

my ($line) = grep { /^$phone/ }
             split /\n/, Wenming::Site::read_file("$site->{dir}/sms.log");
is $line, "$phone $code POST to=$phone cookie:- key:-",
   'the gateway gets what the location says and nothing of the client';


# the example of the documents

{
    my $web = $site->browser(base => '/example');
    my $phone = phone();

    is sent($web, '张三', $phone)->{status}, 200, 'the example sends';

    my $told = Encode::decode('UTF-8', Wenming::Site::read_file(
        "$site->{dir}/example.log"));

    like $told, qr{^Bearer\x20YOUR-TOKEN\x20sms\.example\.com\x20/v1/messages
                   \x20\{"to":"$phone","text":"[^"]*验证码\d{6}，[^"]*"\}$}x,
         'what it says';

    my ($code) = $told =~ /验证码(\d{6})/;

    $codes{$code} = 1;
    is typed($web, '张三', $phone, $code)->{status}, 200, 'and its code is good';
}


# ---- limits of a phone, however many devices

$phone = phone();
$r = sent($site->browser, '李四', $phone);
is $r->{status}, 200, 'a code';
problem(sent($site->browser, '李四', $phone), 429, 'many_codes', undef,
        'a second within the minute');
problem(sent($site->browser, '李小四', $phone), 429, 'many_codes', undef,
        'nor for another name');

{
    my $key = $redis->call('KEYS', $site->key('sms:*'));
    my ($mine) = grep { $redis->call('HGET', $_, 'times') =~ /^\d+$/ } @$key;
    my $set = sub { $redis->call('HSET', $_, 'times', join ',', map {
                        int(time * 1000) - $_ * 60_000 } @_) for @$key };

    ok $mine, 'times of a phone are kept';
    $set->(2, 10, 20, 30);
    is sent($site->browser, '李四', $phone)->{status}, 200, 'the fifth';
    $set->(2, 10, 20, 30, 59);
    is sent($site->browser, '李四', $phone)->{status}, 429,
       'not the sixth in an hour';
    $set->(2, 10, 20, 30, 61);
    is sent($site->browser, '李四', $phone)->{status}, 200,
       'when the hour has passed';
}

{
    $phone = phone();
    my @r = at_once(map { [$site->browser, 'POST', 'api/me/code', json => {
                           name => '王五', phone => $phone }] } 1 .. 12);

    is scalar(grep { $_->{status} == 200 } @r), 1,
       'of twelve at the same moment, one';
    is scalar(grep { $_->{status} =~ /^(?:429|409)$/ } @r), 11,
       'and the others are told';
}

{
    my $device = $site->browser;

    my @r = map { sent($device, '赵六', phone()) } 1 .. 11;
    is join(' ', map { $_->{status} } @r), '200 ' x 10 . '429',
       'ten of a device in an hour';
}


# ---- of the whole district

{
    my @hours = map { $site->key('codes:' . (int(time / 3600) + $_)) } 0, 1;
    my $page = $site->browser;

    my @counts = @{$redis->call('KEYS', $site->key('codes:*'))};
    my $n = 0;
    $n += $redis->call('HGET', $_, 'n') for @counts;
    cmp_ok $n, '>', 10, 'every code was counted';
    like $redis->call('TTL', $counts[0]), qr/^\d+$/, 'for a time';

    $redis->call('HSET', $_, 'n', 2995) for @hours;

    my @r = at_once(map { [$site->browser, 'POST', 'api/me/code', json => {
                           name => '赵六', phone => phone() }] } 1 .. 12);

    is scalar(grep { $_->{status} == 200 } @r), 5,
       'of twelve at the same moment, the last five';
    problem($_, 429, 'all_codes', undef, 'the others are told')
        for grep { $_->{status} != 200 } @r;
    page($site->send_form($page, $page->get('verify'), {
             name => '赵六', phone => phone() }), 429,
         ['下一个整点', '短信里的 6 位数字'], 'so says the page');
    $redis->call('DEL', @hours);
    is sent($site->browser, '赵六', phone())->{status}, 200,
       'in the next hour there are some again';
}


# ---- guesses

$phone = phone();
$web = $site->browser;
sent($web, '钱七', $phone);
$code = code($phone);

for my $n (1 .. 5) {
    problem(typed($web, '钱七', $phone, wrong($code, $n)), 403, 'sms_wrong',
            undef, "wrong, $n");
}

problem(typed($web, '钱七', $phone, $code), 409, 'code_over', undef,
        'then the right one is worth nothing');
problem(typed($web, '钱七', $phone, wrong($code)), 409, 'code_over', undef,
        'and wrong ones are not counted');

{
    $phone = phone();
    $web = $site->browser;
    sent($web, '钱七', $phone);
    $code = code($phone);

    my @r = at_once(map { [$web, 'POST', 'api/me/verify', json => {
        name => '钱七', phone => $phone, code => wrong($code, $_) }] }
        1 .. 40);

    cmp_ok scalar(grep { $_->{status} == 403 } @r), '<=', 5,
           'of forty guesses at the same moment five are looked at';
    ok !(grep { $_->{status} !~ /^(?:403|409)$/ } @r), 'the others are not'
        or diag join ' ', map { $_->{status} } @r;

    my $left = 0;
    $left++ while typed($web, '钱七', $phone, wrong($code, 99))->{status}
                  == 403 && $left < 9;
    is $left + grep({ $_->{status} == 403 } @r), 5, 'five in all';
    problem(typed($web, '钱七', $phone, $code), 409, 'code_over', undef,
            'and it is over');
}


# ---- another device, another person, no code, an old one

$phone = phone();
$web = $site->browser;
sent($web, '孙八', $phone);
$code = code($phone);
problem(typed($site->browser, '孙八', $phone, $code), 409, 'code_over', undef,
        'another device');
problem(typed($web, '孙九', $phone, $code), 409, 'code_over', undef,
        'another name');
problem($web->post('api/me/verify', json => { code => $code }), 422,
        'invalid', [qw(name phone)], 'of nobody');

my ($key) = @{$redis->call('KEYS', $site->key('code:*'))};
cmp_ok $redis->call('TTL', $key), '<=', 600, 'it ends after ten minutes';
unlike join(' ', map { @{$redis->call('HGETALL', $_)} }
                 @{$redis->call('KEYS', $site->key('code:*'))}), qr/$code/,
       'Redis does not have the code';
$redis->call('DEL', @{$redis->call('KEYS', $site->key('code:*'))});
problem(typed($web, '孙八', $phone, $code), 409, 'code_over', undef, 'too old');


# ---- what the device did before is bound to the phone

my $event = $site->event;

$phone = phone();
$web = $site->browser;

for my $name ('周奶奶', '周爷爷') {
    $web->post('api/c', json => { ticket => $site->ticket($web, $event),
                                  name => $name, phone => $phone,
                                  who => 'family' });
}

$web->post('api/c', json => { ticket => $site->ticket($web, $event),
                              name => '邻居', phone => phone(),
                              who => 'family' });
$web->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu', head_count => 1,
    wanted => ['2100-01-01'], contact_name => '周家', phone => $phone });

my $dev = (grep { grep { /^a:/ } @{$redis->call('HKEYS', $_)} }
           @{$redis->call('KEYS', $site->key('dev:*'))})[0];

sub marks { return sort grep { /^v:/ } @{$redis->call('HKEYS', $dev)} }

is scalar(my @none = marks()), 0, 'nobody is verified yet';
sent($web, '周奶奶', $phone);
is typed($web, '周奶奶', $phone, code($phone))->{status}, 200, 'verified';
is scalar(my @three = marks()), 3,
   'with her those of this phone: two who were there, one who ordered';
is $web->get('api/me')->json->{name}, '周奶奶', 'the device is hers';


# ---- a gateway that does not do it

for my $case ([5, 'answers 500'], [7, 'is closed'], [6, 'never answers']) {
    my ($digit, $how) = @$case;

    $phone = phone($digit);
    $web = $site->browser;

    my $page = $site->send_form($web, $web->get('verify'),
                                { name => '吴', phone => $phone });
    page($page, 503, ['还没有确认发出', '短信里的 6 位数字'],
         "a gateway that $how: the page says so, and has the field");
    ok !$web->get('api/me')->json->{verified}, 'nobody is verified';
    problem(typed($web, '吴', $phone, '000000'), 403, 'sms_wrong', undef,
            'a code that arrives all the same could be typed');
}

$web->{base} = '/none';
problem(sent($web, '吴', phone()), 503, 'sms_away', undef,
        'a location that is not there');
$web->{base} = '/open';
problem(sent($web, '吴', phone()), 503, 'sms_away', undef,
        'one that everybody can ask sends nothing');
$web->{base} = '/without';
problem(sent($web, '吴', phone()), 403, 'ask_office', undef, 'no gateway');
problem(typed($web, '吴', phone(), '123456'), 403, 'ask_office', undef,
        'nor a code');
page($web->get('verify'), 200, ['请工作人员办理'], 'the page says where');
page($web->get('me'), 200, ['带身份证到就近的文明实践站'], 'so does the other');
is $site->browser->get('/sms')->{status}, 404, 'nobody asks it from outside';


# ---- clients that leave, and reloads, while it is silent

{
    my @sockets = map {
        my $s = $web->open;
        $web->{base} = '/wenming';
        print $s $web->bytes_of('POST', 'api/me/code', json => {
            name => '郑', phone => phone(6) });
        $s;
    } 1 .. 8;

    sleep 0.4;
    close $_ for @sockets;
    is $web->get('api/me')->{status}, 200, 'eight clients left';

    $web = $site->browser;

    my @old = $site->worker_pids;
    my $phone = phone(6);
    my $s = $web->open;

    print $s $web->bytes_of('POST', 'api/me/code', json => {
        name => '郑', phone => $phone });
    sleep 0.4;
    $site->reload;

    is $web->read_answer($s, method => 'POST')->json->{code}, 'sms_away',
       'over a reload the answer comes';
    ok $site->until(10, sub {
        my %now = map { $_ => 1 } $site->worker_pids;
        !grep { $now{$_} } @old;
    }), 'and no old worker stays behind a silent gateway';
}

# a connection that is kept is not held up either

{
    $web = $site->browser;

    my $s = $web->open;
    my $again = $web->bytes_of('GET', 'api/me');

    print $s $web->bytes_of('POST', 'api/me/code', json => {
        name => '郑', phone => phone() },
        headers => { Connection => 'keep-alive' }), $again;

    my $all = $web->read_answer($s)->{raw};
    is scalar(() = $all =~ m{HTTP/1\.1 200}g), 2,
       'two requests on one connection';
}


# ---- what is nowhere

later();
$phone = phone();
sent($web, '王某某', $phone);
code($phone);

my $logs = join '', map { Wenming::Site::read_file("$site->{dir}/$_") }
                qw(error.log access.log);
my @seen = grep { $logs =~ /(?<!\d)$_(?!\d)/ } keys %codes;

is "@seen", '', 'no code in any log';
unlike $logs, qr/王某某|%E7%8E%8B/, 'and no name';

my $journal = join "\n", map { $_->{effects} } $site->journal;

@seen = grep { $journal =~ /(?<!\d)$_(?!\d)/ } keys %codes;
is "@seen", '', 'nor in the journal';
unlike $journal, qr/$phone/, 'no phone there';
like $site->must('audit'), qr/ok|fine|whole|good|0 /i, 'its chain is fine';

end();
