use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# "我的": who is verified, signing out here and everywhere, all that is kept
# of a person, and its end.

my $port = Wenming::Site::free_port();
my $site = site(
    http => [
        'log_format sms "$http_x_phone $http_x_code";',
        'map $cookie_site $site_name { default ""; yes "%E9%A9%AC"; }', # 马
        'map $cookie_site $site_phone { default ""; yes 13800000009; }',
        'server {', "    listen 127.0.0.1:$port;",
        '    access_log {{dir}}/sms.log sms;', '    return 204;', '}' ],
    server => [
        'location = /sms {', '    internal;',
        "    proxy_pass http://127.0.0.1:$port/send;",
        '    proxy_set_header X-Phone $wenming_sms_phone;',
        '    proxy_set_header X-Code $wenming_sms_code;', '}',
        'location ^~ /site/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/site;',
        '    set $wm_name $site_name;', '    set $wm_phone $site_phone;',
        '    wenming_identity name=$wm_name phone=$wm_phone;', '}' ],
    location => ['wenming_sms /sms;']);
my $redis = $site->redis;


# The device of somebody whose phone is verified; an existing one may be given.

sub verified {
    my ($name, $phone, $web) = @_;

    $web ||= $site->browser;
    $redis->call('DEL', @{$redis->call('KEYS', $site->key('sms:*'))})
        if @{$redis->call('KEYS', $site->key('sms:*'))};

    my $r = $web->post('api/me/code', json => {
        name => $name, phone => $phone });
    die "no code: $r->{status} $r->{body}" if $r->{status} != 200;

    my $code;

    $site->until(5, sub {
        ($code) = reverse map { /^$phone (\d{6})$/ }
            split /\n/, Wenming::Site::read_file("$site->{dir}/sms.log");
        $code }) or die 'no code came';

    $r = $web->post('api/me/verify', json => {
        name => $name, phone => $phone, code => "$code" });
    die "not verified: $r->{status} $r->{body}" if $r->{status} != 200;

    return $web;
}


sub checked_in {
    my ($web, $event, $name, $phone) = @_;

    return $web->post('api/c', json => {
        ticket => $site->ticket($web, $event), who => 'family',
        name => $name, phone => $phone });
}


# ---- signing out

my $event = $site->event;
my $phone = $site->phone(1);
my $typed = $site->browser;             # who only typed it

checked_in($typed, $event, '张三', $phone);
$typed->post('api/c', json => { ticket => $site->ticket($typed, $event),
                                who => 'new', name => '张三',
                                phone => $phone });

my $me = $typed->get('api/me')->json;

ok $me->{known} && !$me->{verified}, 'who typed a name is not verified';
is $me->{verify}, 'sms', 'and is told how';
page($typed->get('me'), 200, ['张三', '还没有验证', '退出'], 'on the page, too');
unlike $typed->get('me')->text, qr/所有设备/, 'which ends nobody\'s sessions';

my ($one, $two) = map { verified('张三', $phone) } 1, 2;

problem($typed->post('api/me/sign-out-everywhere'), 403, 'verify_first',
        undef, 'who is not verified cannot sign a person out');
ok $one->get('api/me')->json->{verified}, 'nothing happened';

is $one->post('api/me/sign-out')->{status}, 200, 'signing out here';
ok !$one->get('api/me')->json->{known}, 'this device knows nobody';
is $one->post('api/me/sign-out')->{status}, 200, 'twice is once';
ok $two->get('api/me')->json->{verified}, 'the other device stays';

verified('张三', $phone, $one);
my $stolen = { %{$two->{cookies}} };
my $page = $one->get('me');

page($page, 200, ['在所有设备上退出'], 'the page of who is verified has it');
is $site->send_form($one, $page, {}, qr/everywhere$/)->{status}, 303,
   'signing out everywhere';
ok !$_->get('api/me')->json->{known}, 'no device knows him'
    for $one, $two, $typed;
problem($two->post('api/me/sign-out-everywhere'), 403, 'verify_first', undef,
        'the other one is not verified any more');
$two->{cookies} = $stolen;
ok !$two->get('api/me')->json->{known}, 'a cookie from before is worth nothing';

verified('张三', $phone, $one);
$two->{cookies} = $stolen;
ok !$two->get('api/me')->json->{known}, 'also when he is back elsewhere';
ok $one->get('api/me')->json->{verified}, 'where he is known';
is $site->send_form($one, $one->get('me'), {}, qr/sign-out$/)->{status}, 303,
   'the page signs out here';
page($one->get('me'), 200, ['还没有登记'], 'and knows nobody then');

# a person of the site's login

my $visitor = $site->browser(base => '/site');

is $visitor->get('api/me')->json->{verify}, 'site', 'another way to verify';
problem($visitor->post('api/me/code', json => { name => '马',
        phone => '13800000009' }), 403, 'verify_first', undef,
        'there is no gateway');
$visitor->{cookies}{site} = { value => 'yes', path => '/' };
checked_in($visitor, $event, '马', '13800000009');
$me = $visitor->get('api/me')->json;
ok $me->{known} && $me->{verified}, 'the site vouches for who signs in there';
page($visitor->get('me'), 200, ['请在本站退出登录'], 'and signs him out');
is $visitor->post('api/me/sign-out-everywhere')->{status}, 200,
   'his other devices he can sign out here';

end();
