use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Encode ();
use IO::Socket::INET;

# Signing in by WeChat, with a WeChat of our own: there, back, and a tap.

my $port = Wenming::Site::free_port();
my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                                 Listen => 64) or die "listen: $!";
my $openid = 'oExample_0123456789-abcdefg';
my %ANSWERS = (                         # by the code that WeChat gave
    good => qq({"access_token":"x","expires_in":7200,"openid":"$openid"}),
    other => '{"openid":"oAnother_0123456789"}',
    error => '{"errcode":40029,"errmsg":"invalid code"}',
    number => '{"openid":5}', list => '["openid"]', null => '{"openid":null}',
    empty => '{"openid":""}', blank => '{"openid":"a b"}',
    long => '{"openid":"' . 'o' x 65 . '"}', text => 'no json',
    twice => '{"openid":"oA","openid":"oB"}', cut => '{"openid":"oAbc',
    deep => '[' x 100 . ']' x 100, big => '{"x":"' . 'y' x 3000 . '"}');

# what docs/examples has, but for the addresses

my $example = Encode::decode('UTF-8', Wenming::Site::read_file(
    "$Wenming::Site::ROOT/docs/examples/nginx-wechat.conf"));
my ($beside) = $example =~ /^(# {5}location .*)/ms;

$example =~ s{https://api\.weixin\.qq\.com/sns/oauth2/access_token}
             {http://127.0.0.1:$port/token} or die 'another address';
$beside =~ s/^# {5}//mg;
s{/run/nginx-wechat\.sock}{{{dir}}/wechat.sock} or die 'another socket'
    for $example, $beside;

my $site = site(
    http => [
        $example,
        'log_format sms "$http_x_phone $http_x_code";',
        'map $arg_code $answer {', '    default "";',
        (map { "    $_ '$ANSWERS{$_}';" } sort keys %ANSWERS), '}',
        'map $wenming_wechat_code $there {',
        "    default 127.0.0.1:$port;",
        '    silent 127.0.0.1:' . $deaf->sockport . ';', '}',
        'server {', "    listen 127.0.0.1:$port;",
        '    location = /sms { access_log {{dir}}/sms.log sms; return 204; }',
        '    location = /token {',
        '        if ($arg_code = "refused") { return 500; }',
        '        default_type text/plain;', '        return 200 $answer;',
        '    }', '}' ],
    server => [
        'location = /sms {', '    internal;',
        "    proxy_pass http://127.0.0.1:$port/sms;",
        '    proxy_set_header X-Phone $wenming_sms_phone;',
        '    proxy_set_header X-Code $wenming_sms_code;', '}',
        'location = /wechat {', '    internal;',
        '    subrequest_output_buffer_size 2k;',
        '    proxy_method GET;',
        '    proxy_pass http://$there/token?code=$wenming_wechat_code;', '}',
        $beside,
        'location ^~ /example/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/example;',
        '    wenming_wechat appid=wx1 /wenming-wechat;', '}',
        'location ^~ /without/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/without;', '}' ],
    location => ['wenming_sms /sms;',
                 'wenming_wechat appid=wx0123456789abcdef /wechat;'],
    expect => [qr/gateway of wenming_wechat/]);
my $redis = $site->redis;


sub verified {
    my ($web, $name, $phone) = @_;

    my ($code, $r);

    $r = $web->post('api/me/code', json => { name => $name,
                                             phone => $phone });
    die "no code: $r->{status} $r->{body}" if $r->{status} != 200;
    $site->until(5, sub {
        ($code) = Wenming::Site::read_file("$site->{dir}/sms.log")
                  =~ /^$phone (\d{6})$/m });
    $r = $web->post('api/me/verify', json => {
        name => $name, phone => $phone, code => "$code" });
    die "not verified: $r->{status} $r->{body}" if $r->{status} != 200;

    return $web;
}

# There: the state that WeChat would bring back.

sub state_of {
    my ($web) = @_;

    my $r = $web->get('wechat');

    return $r->header('location') =~ /&state=(\w+)#wechat_redirect$/
           ? $1 : '';
}

sub back {
    my ($web, $code, $state) = @_;

    $state = state_of($web) if !defined $state;

    return $web->get('wechat/back', query => { code => $code,
                                               state => $state });
}


# ---- there

my $web = $site->browser;
my $r = $web->get('wechat');

is $r->{status}, 303, 'off to WeChat';
my $public = $site->public_url =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger;
like $r->header('location'), qr{^https://open\.weixin\.qq\.com/connect/oauth2
    /authorize\?appid=wx0123456789abcdef
    &redirect_uri=\Q$public\E%2Fwechat%2Fback
    &response_type=code&scope=snsapi_base&state=[0-9A-Z]{36}
    \#wechat_redirect$}x, 'with all that it wants, and letters and digits';
page($web->get('me'), 200, ['微信登录'], 'the page leads there');
is $site->browser->get('/without/wechat')->{status}, 404, 'where it is on';
unlike $site->browser->get('/without/me')->text, qr/微信/, 'and only there';


# ---- back, without a person: nothing yet

page(back($web, 'good'), 200, ['还没有绑定', '验证手机号'],
     'somebody whom nobody knows');
is_deeply $redis->call('KEYS', $site->key('wechat:*')), [], 'nothing is kept';

# a state of another device, of another time, changed, or none

my $state = state_of($web);
my $soon = state_of($site->browser);

page(back($web, 'good', $_->[0]), 403, ['微信登录已失效'], $_->[1])
    for [$soon, 'a state of another device'],
        ['', 'none'], ['A' x 36, 'nonsense'],
        [substr($state, 0, 35), 'cut'],
        [sprintf('%010d', substr($state, 0, 10) - 700) . substr($state, 10),
         'of another time'],
        [lc $state, 'changed'];
page($site->browser->get('wechat/back', query => {
         code => 'good', state => $state }), 403, ['微信登录已失效'],
     'a browser that never went there');
is back($web, 'good', $state)->{status}, 200, 'the right one';


# ---- a WeChat that says anything

for my $case (grep { !/^(?:good|other)$/ } sort keys %ANSWERS) {
    my $r = back($site->browser, $case);

    page($r, 503, ['微信没有确认您是谁'], "an answer that is $case");
}

page(back($site->browser, $_), 503, ['微信没有确认您是谁'],
     "a WeChat that is $_") for 'refused', 'silent', 'unknown';


{
    my $web = $site->browser(base => '/example');

    page(back($web, 'other'), 200, ['还没有绑定'],
         'the example of the documents asks');
    page(back($web, 'error'), 503, ['微信没有确认您是谁'],
         'and says what it was told');
}


# ---- bound to somebody who is verified, once

my $phone = $site->phone(1);

verified($web, '张示例', $phone);

my $page = back($web, 'good');

page($page, 200, ['张示例', '绑定这个微信'], 'who is verified can bind it');
is $site->send_form($web, $page, {}, qr/bind$/)->{status}, 303, 'bound';

my ($key) = @{$redis->call('KEYS', $site->key('wechat:*'))};

unlike join(' ', $key, @{$redis->call('HGETALL', $key)}), qr/\Q$openid\E/,
       'what WeChat calls him is nowhere';
is $site->send_form($web, $page, {}, qr/bind$/)->{status}, 409, 'not twice';
page(back($web, 'other'), 200, ['已经绑定了另一个微信'],
     'nor another to the same person');

my $other = verified($site->browser, '李示例', $site->phone(2));

page(back($other, 'good'), 200, ['张示例', '登录'],
     'nor the same to another: it is his');


# ---- one tap

my $new = $site->browser;

$page = back($new, 'good');
page($page, 200, ['张示例', '登录'], 'a new phone, the same WeChat');
ok !$new->get('api/me')->json->{known}, 'coming back changes nothing';
is $site->send_form($new, $page, {}, qr/in$/)->{status}, 303, 'a tap does';

my $me = $new->get('api/me')->json;

ok $me->{known} && $me->{verified}, 'and he is verified';
is $me->{name}, '张示例', 'as himself';

# the form of one device is worth nothing on another, nor later

my ($form) = grep { $_->{action} =~ /in$/ } back($new, 'good')->forms;
my $thief = $site->browser;

$thief->get('me');
is $thief->post('wechat/in', form => { ticket => $form->{hidden}{ticket} })
         ->{status}, 403, 'a ticket of another device';
is $new->post('wechat/in', form => { ticket => $_ })->{status}, 403,
   'a ticket that is none' for 'x', 'A' x 62,
    substr($form->{hidden}{ticket}, 1) . 'A';
is $thief->post('wechat/bind', form => { ticket => 'x' })->{status}, 403,
   'nor to bind';


# ---- signing out everywhere, and the end

is $new->post('api/me/sign-out-everywhere')->{status}, 200,
   'signed out everywhere';
ok !$web->get('api/me')->json->{known}, 'also where it was bound';
$page = back($web, 'good');
is $site->send_form($web, $page, {}, qr/in$/)->{status}, 303,
   'a tap signs in again';
is $web->delete('api/me')->{status}, 200, 'the end';
is_deeply $redis->call('KEYS', $site->key('wechat:*')), [],
          'also of what was bound';
page(back($web, 'good'), 200, ['还没有绑定'], 'WeChat is nobody\'s again');

my $logs = join '', map { Wenming::Site::read_file("$site->{dir}/$_") }
                qw(error.log access.log);

unlike $logs, qr/\Q$openid\E/, 'no log has what WeChat calls him';
unlike join("\n", map { $_->{effects} } $site->journal), qr/\Q$openid\E/,
       'nor the journal';
$site->must('audit');

end();
