use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# A worker's second factor: turned on by himself, asked for after the password,
# each code once, recovery codes for a lost phone.

use Wenming::App qw(app secret);

my $site = site();
my $redis = $site->redis;
my $web = $site->browser;
my @secrets;                            # what must stand nowhere


# As if half a minute had passed: the app has a code that nobody has used.

sub later {
    my ($name) = @_;

    $redis->call('HSET', $site->key("staff:$name"), 'totp_step', 1);

    return;
}


sub quarter_later {
    my ($name) = @_;

    my $key = $site->key("staff:$name");
    my ($n, $since) = split /:/, $redis->call('HGET', $key, 'totp_wrong');

    $redis->call('HSET', $key, 'totp_wrong', "$n:" . ($since - 900_000));

    return;
}


sub sign_in {
    my ($name, %with) = @_;

    return $web->fresh->post('api/staff/session', json => {
        name => $name, password => $site->{staff}{$name}, %with });
}


# Turns it on: secret and recovery codes.

sub turn_on {
    my ($browser) = @_;

    my $offer = $browser->get('api/staff/security')->json;
    my $r = $browser->post('api/staff/security', json => {
        setup => $offer->{setup}, code => app($offer->{secret}) });

    die "not on: $r->{status} $r->{body}" if $r->{status} != 200;
    push @secrets, $offer->{secret}, secret($offer->{secret}),
         map { ($_, s/-//gr) } @{$r->json->{recovery}};

    return ($offer->{secret}, $r->json->{recovery});
}


# ---- off, and the page to turn it on

my $north = $site->staff(name => 'north', unit => 'wenyilu');
my $other = $site->staff(name => 'north', unit => 'wenyilu');
my $page = $north->get('staff/security');

page($page, 200, ['登录安全', '身份验证器', '小程序', '手机丢了怎么办',
                  '第一步', '第二步', '第三步'], 'how to turn it on');
page($north->get('staff/'), 200, ['staff/security'], 'the desk leads there');
problem($web->get('api/staff/security'), 401, 'sign_in', undef,
        'not without a session');

my ($shown) = $page->text =~ m{<b class="num">([A-Z2-7 ]+)</b>};
my ($picture) = $page->text =~ m{src="data:image/svg\+xml,([^"]+)"};

$shown =~ s/ //g;
like $shown, qr/^[A-Z2-7]{32}$/, 'a secret to type: 160 bits';
push @secrets, $shown, secret($shown);
($picture = Wenming::Answer::unescape($picture || '')) =~
    s/%([0-9A-F]{2})/chr hex $1/ge;
Wenming::Site::write_file("$site->{dir}/qr.svg", $picture);

SKIP: {
    my ($rc) = Wenming::Site::run('sh', '-c', 'command -v rsvg-convert');

    skip 'no rsvg-convert', 1 if $rc;
    Wenming::Site::run('rsvg-convert', '-w', 600, '-o',
                       "$site->{dir}/qr.png", "$site->{dir}/qr.svg");
    (undef, my $scanned) = Wenming::Site::run('zbarimg', '-q', '--raw',
                                              '--nodbus',
                                              "$site->{dir}/qr.png");
    my $port = $site->{port};
    is $scanned, "otpauth://totp/127.0.0.1%3A$port:north?secret=$shown"
                 . "&issuer=127.0.0.1%3A$port\n", 'a picture to scan';
}

like $picture, qr/^<svg .*viewBox.*<\/svg>$/s, 'drawn here';
is $redis->call('HEXISTS', $site->key('staff:north'), 'totp'), 0,
   'looking changes nothing';

my $r = $site->send_form($north, $page, { code => '' }, qr/security$/);
page($r, 422, ['这一项必须填写', $shown =~ s/(.{4})(?=.)/$1 /gr],
     'without a code, the same secret again');
my $wrong = sprintf '%06d', (app($shown) + 1) % 1_000_000;
$wrong = '000000' if grep { $wrong eq app($shown, $_) } -1 .. 2;
$r = $site->send_form($north, $page, { code => $wrong }, qr/security$/);
page($r, 401, ['动态验证码不对', $shown =~ s/(.{4})(?=.)/$1 /gr],
     'with a wrong one too');

my $code = app($shown);

$r = $site->send_form($north, $page, { code => $code }, qr/security$/);
page($r, 200, ['请保存备用码', '只显示这一次'], 'with a right one it is on');

my @recovery = $r->text =~ m{<b class="num">([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})<}g;

push @secrets, map { ($_, s/-//gr) } @recovery;
is scalar(@recovery), 10, 'ten recovery codes';
is scalar(keys %{{ map { ($_ => 1) } @recovery }}), 10, 'each another';

$r = $site->send_form($north, $page, { code => $code }, qr/security$/);
is_deeply [$r->text =~ m{<b class="num">([0-9A-Z-]+)<}g], \@recovery,
          'sent twice by a nervous finger: the same codes';
problem($north->post('api/staff/security', json => {
            setup => 'x', code => $code }), 409, 'stale', undef,
        'with something else for a setup: no');

my $again = $site->send_form($north, $page, { code => app($shown, 1) },
                             qr/security$/);
is $again->{status}, 409, 'with another code: it is on already';
unlike $again->text, qr/\Q$recovery[0]/, 'and nothing is shown';

is $north->get('api/staff/events')->{status}, 200, 'this session goes on';
problem($other->get('api/staff/events'), 401, 'sign_in', undef,
        'the other one ended');
is_deeply $north->get('api/staff/security')->json,
          { on => JSON::PP::true(), required => JSON::PP::false(),
            recovery_left => 10 }, 'the state, without a secret';
page($north->get('staff/security'), 200, ['已开启', '10'], 'and the page');
unlike $north->get('staff/security')->text, qr/\Q$shown/, 'has no secret';


# ---- programs signing in

problem(sign_in('north'), 401, 'code_needed', undef, 'a code is needed');
problem(sign_in('north', password => 'wrong', code => app($shown, 1)), 401,
        'wrong_password', undef, 'a wrong password says nothing of codes');
problem(sign_in('north', password => 'wrong'), 401, 'wrong_password', undef,
        'nor without a code');
problem(sign_in('north', code => $code), 401, 'wrong_code', undef,
        'the code that turned it on is used up');
later('north');
problem(sign_in('north', code => app($shown, $_)), 401, 'wrong_code',
        undef, "a code $_ steps away") for -3, 4;
later('north');
$r = sign_in('north', code => app($shown));
is $r->{status}, 200, 'the right one signs in';
is_deeply [sort keys %{$r->json}], [qw(name role unit)], 'as without';
problem(sign_in('north', code => app($shown)), 401, 'wrong_code', undef,
        'once');
later('north');
$r = sign_in('north', code => app($shown) =~ s/^(...)/$1 /r);
is $r->{status}, 200, 'written with a blank';

later('north');
$code = app($shown);
my @parallel = at_once(map { [$web->fresh, 'POST', 'api/staff/session', json => {
    name => 'north', password => $site->{staff}{north}, code => $code }] }
    1 .. 6);

is scalar(grep { $_->{status} == 200 } @parallel), 1,
   'six at the same moment with one code: one session';
is scalar(grep { $_->{status} =~ /^(?:401|409|429)$/ } @parallel), 5,
   'the others are refused';
$redis->call('HDEL', $site->key('staff:north'), 'totp_wrong');


# ---- people signing in: two pages, the password once

my $person = $web->fresh;

$page = $site->send_form($person, $person->get('staff/login'), {
    name => 'north', password => $site->{staff}{north} });
page($page, 200, ['密码正确', '6 位数字', '手机不在身边', '备用码'],
     'the second page');
unlike $page->text, qr/\Q$site->{staff}{north}/, 'without the password';
unlike $page->text, qr/type="password"/, 'which is not asked again';
isnt $person->get('staff/')->{status}, 200, 'the desk is closed so far';
page($site->send_form($person, $page, { code => '' }), 422,
     ['这一项必须填写'], 'no code');
page($site->send_form($person, $page, { code => $wrong }), 401,
     ['动态验证码不对', '等手机上换了新的数字'], 'a wrong code');

my $thief = $web->fresh;

$thief->get('staff/login');
page($site->send_form($thief, $page, { code => app($shown, 1) }), 409,
     ['已经失效', '重新登录'], 'the page of another device is worth nothing');

later('north');
$r = $site->send_form($person, $page, { code => app($shown) });
is $r->{status}, 303, 'the right code';
like $r->header('location'), qr{/staff/$}, 'leads to the desk';
is $person->get('staff/')->{status}, 200, 'which is open';

# a new password ends what the old one began

$page = $site->send_form($person, $person->get('staff/login'), {
    name => 'north', password => $site->{staff}{north} });
Wenming::Site::write_file("$site->{dir}/password", "$site->{staff}{north}\n",
                          0600);
$site->must('staff', 'passwd', 'north', '--password-file',
            "$site->{dir}/password");
later('north');
page($site->send_form($person, $page, { code => app($shown) }), 409,
     ['已经失效'], 'a step from before the new password');


# ---- recovery codes

$r = sign_in('north', code => lc $recovery[3]);
is "$r->{status} " . $r->json->{recovery_left}, '200 9',
   'a recovery code signs in, and says how many are left';
problem(sign_in('north', code => $recovery[3]), 401, 'wrong_code', undef,
        'once');

$page = $site->send_form($person, $person->get('staff/login'), {
    name => 'north', password => $site->{staff}{north} });
$r = $site->send_form($person, $page, { code => $recovery[0] });
like $r->header('location'), qr{/staff/security$}, 'at the page';
page($person->get('staff/security'), 200, ['还剩备用码（个）：<b>8</b>'],
     'it shows how many are left');

@parallel = at_once(map { [$web->fresh, 'POST', 'api/staff/session', json => {
    name => 'north', password => $site->{staff}{north},
    code => $recovery[5] }] } 1 .. 4);
is scalar(grep { $_->{status} == 200 } @parallel), 1,
   'four at the same moment with one: one session';


# ---- wrong codes are counted, for who has the password

$redis->call('HDEL', $site->key('staff:north'), 'totp_wrong');
problem(sign_in('north', password => 'x' x 9, code => $wrong), 401,
        'wrong_password', undef, 'without the password') for 1 .. 8;
is $redis->call('HEXISTS', $site->key('staff:north'), 'totp_wrong'), 0,
   'nothing is counted';
problem(sign_in('north', code => $wrong), 401, 'wrong_code', undef,
        "wrong code $_") for 1 .. 5;
later('north');
problem(sign_in('north', code => app($shown)), 429, 'try_later', undef,
        'then not even the right one');
problem(sign_in('north', code => $recovery[7]), 429, 'try_later', undef,
        'nor a recovery code');
problem(sign_in('north'), 401, 'code_needed', undef, 'the password still is');
quarter_later('north');
is sign_in('north', code => app($shown))->{status}, 200,
   'a quarter of an hour later it is';
is $redis->call('HEXISTS', $site->key('staff:north'), 'totp_wrong'), 0,
   'which forgets the wrong ones';

# however many at once, only five are looked at

@parallel = at_once(map { [$web->fresh, 'POST', 'api/staff/session', json => {
    name => 'north', password => $site->{staff}{north}, code => $wrong }] }
    1 .. 12);
ok scalar(grep { $_->{status} == 401 } @parallel) =~ /^[1-5]$/,
   'no more than five of twelve at once are looked at';
$redis->call('HDEL', $site->key('staff:north'), 'totp_wrong');


# ---- off

my %off = (password => $site->{staff}{north});

later('north');
$r = sign_in('north', code => app($shown));
is $r->{status}, 200, 'signed in';
$north = $web->fresh;
$north->post('api/staff/session', json => {
    name => 'north', %off, code => $recovery[8] });

problem($north->post('api/staff/security/off', json => {
            password => 'wrong one', code => $recovery[1] }), 401,
        'wrong_password', undef, 'not off without the password');
problem($north->post('api/staff/security/off', json => {
            %off, code => $wrong }), 401, 'wrong_code', undef,
        'nor without a code');
page($site->send_form($north, $north->get('staff/security'), {
         %off, code => $wrong }, qr/off$/), 401, ['动态验证码不对'],
     'at the page as well');
$r = $site->send_form($north, $north->get('staff/security'), {
    %off, code => $recovery[1] }, qr/off$/);
is $r->{status}, 303, 'with both it is off';
is sign_in('north')->{status}, 200, 'and the password is enough';
is $north->post('api/staff/security/off', json => {
       %off, code => $recovery[1] })->{status}, 200, 'off is off';
is_deeply [grep { /totp|code/ } @{$redis->call('HKEYS',
                                               $site->key('staff:north'))}],
          [], 'nothing of it is left';


# ---- on again, and a lost phone

my $offer = $north->get('api/staff/security')->json;
my %once = (setup => $offer->{setup}, code => app($offer->{secret}));
my $ten = $north->post('api/staff/security', json => \%once)->json->{recovery};

is $north->post('api/staff/security/off', json => {
       %off, code => $ten->[0] })->{status}, 200, 'on and off again';
problem($north->post('api/staff/security', json => \%once), 409, 'stale',
        undef, 'what was on once is not turned on again');
push @secrets, $offer->{secret}, map { ($_, s/-//gr) } @$ten;

my ($secret) = turn_on($north);

isnt $secret, $shown, 'another secret';
problem(sign_in('north', code => $recovery[2]), 401, 'wrong_code', undef,
        'the recovery codes of before are gone');
later('north');
is sign_in('north', code => app($secret))->{status}, 200, 'the new one';
like $site->must('staff', 'list'), qr/^north .*totp/m, 'the list says so';
like $site->must('staff', 'totp-reset', 'north'), qr/sessions have ended/,
     'the administrator resets it';
problem($north->get('api/staff/events'), 401, 'sign_in', undef,
        'which ends the sessions');
is sign_in('north')->{status}, 200, 'then the password is enough';
like $site->must('staff', 'totp-reset', 'north'), qr/unchanged/, 'once more';
is +($site->tool('staff', 'totp-reset', 'nobody'))[0], 1, 'nobody';


# ---- with a data key that is not the one it was sealed with

{
    my $lost = $site->staff(name => 'lost');
    my ($old) = turn_on($lost);

    $redis->call('HSET', $site->key('staff:lost'), 'totp', 'garbage');
    problem(sign_in('lost', code => app($old)), 500, 'internal', undef,
            'a secret that cannot be opened lets nobody in');
}


# ---- secrets stand nowhere

my $journal = join '', map { join ' ', grep { defined } values %$_ }
                       $site->journal;
my $dump = join ' ', map {
    my $type = $redis->call('TYPE', $_);
    $type eq 'hash' ? @{$redis->call('HGETALL', $_)}
    : $type eq 'string' ? $redis->call('GET', $_) : ()
} @{$redis->call('KEYS', '*')};
my %place = (
    'the journal' => $journal, 'Redis' => $dump,
    'error.log' => $site->error_log,
    'access.log' => Wenming::Site::read_file("$site->{dir}/access.log"),
    'wenming journal' => $site->must('journal'));

for my $place (sort keys %place) {
    ok !(grep { index($place{$place}, $_) >= 0 } @secrets),
       "no secret and no recovery code in $place";
}

my @verbs = map { $_->{verb} } $site->journal;

is scalar(grep { $_ eq 'staff.totp_on' } @verbs), 4, 'turning on is told';
is scalar(grep { $_ eq 'staff.totp_off' } @verbs), 2, 'turning off';
is scalar(grep { $_ eq 'staff.totp_reset' } @verbs), 1, 'a reset';
cmp_ok scalar(grep { $_ eq 'staff.wrong_code' } @verbs), '>', 10,
       'and wrong codes';
is +($site->tool('audit'))[0], 0, 'the journal is whole';


# ---- required

my $strict = site(location => ['wenming_staff_totp required;']);

$redis = $strict->redis;
$site = $strict;
$web = $strict->browser;

my $new = $strict->staff(name => 'north', unit => 'wenyilu');

$r = $new->get('staff/');
is $r->{status}, 303, 'required: who has none';
like $r->header('location'), qr{/staff/security$}, 'is led to turn it on';
page($new->get('staff/security'), 200, ['本区要求'], 'and told so');
problem($new->get('api/staff/events'), 403, 'totp_required', undef,
        'programs are refused');
problem($new->post('api/staff/events', json => { title => '无' }), 403,
        'totp_required', undef, 'in all that they do');
page($new->post('staff/orders', form => {}), 403, ['动态验证码'],
     'forms too');
is $new->get('api/staff/security')->json->{required}, JSON::PP::true(),
   'the state says so';
turn_on($new);
is $new->get('api/staff/events')->{status}, 200, 'then all is open';
is $new->delete('api/staff/session')->{status}, 200, 'signed out';

my $out = $strict->staff(name => 'south', unit => 'wenyilu');

is $out->delete('api/staff/session')->{status}, 200,
   'also by who has not turned it on';

end();
