use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Units and who works there, at the desk: what a unit says of itself, how many
# lack, whose account is taken away and given back.

my $site = site(http => ['wenming_audit_log {{dir}}/audit.log;']);
my $web = $site->browser;
my $admin = $site->staff(role => 'administrator');
my $local = $site->staff(role => 'administrator', unit => 'wenyilu');
my $clerk = $site->staff(unit => 'wenyilu-1');
my $auditor = $site->staff(role => 'auditor');


sub unit {
    my ($browser, $id, $query) = @_;

    my ($it) = grep { $_->{id} eq $id } @{$browser->get(
        'api/staff/units' . ($query || ''))->json->{items}};

    return $it;
}


# ---- the tree, and who is lacking

my $r = $local->get('api/staff/units');

is join(' ', map { $_->{id} } grep { $_->{id} =~ /^wenyilu/ }
             @{$r->json->{items}}), 'wenyilu wenyilu-1 wenyilu-2 wenyilu-3',
   'a unit is followed by those below it';
is scalar(grep { $_->{id} =~ /furong/ } @{$r->json->{items}}), 0,
   'what is above is not there';
is_deeply [@{unit($local, 'wenyilu')}{qw(staff wanted lacks parent)}],
          [1, 2, 1, 'furong'], 'an institute is to have two';
is_deeply [@{unit($local, 'wenyilu-1')}{qw(staff wanted lacks)}],
          [1, 1, 0], 'a station one, and has it';
is unit($local, 'wenyilu-2')->{lacks}, 1, 'another one has none';
ok !unit($local, 'wenyilu-1', '?short=1'), 'only those that lack somebody';
ok unit($local, 'wenyilu-2', '?short=1'), 'are shown when asked';
is unit($admin, 'furong')->{wanted}, 0, 'of the centre none are said';
page($local->get('staff/units'), 200, ['缺 1 人'], 'the page says so');


# ---- what a unit says of itself

problem($clerk->patch('api/staff/units/wenyilu-1', json => { head => 'x' }),
        403, 'forbidden', undef, 'a worker does not change it');
problem($local->patch('api/staff/units/furong', json => { head => 'x' }),
        404, 'not_found', undef, 'nor an administrator of below');
problem($local->patch('api/staff/units/wenyilu-1', json => {
            lat => '91', lng => '113.02' }), 422, 'invalid', ['lat'],
        'degrees that are none');
problem($local->patch('api/staff/units/wenyilu', json => {
            lat => '', lng => '113.02' }), 422, 'invalid', ['lat'],
        'one coordinate without the other');

my $version = $local->get('api/staff/units/wenyilu-1')->json->{version};

$web->get('api/units');
$r = $local->patch('api/staff/units/wenyilu-1', json => {
    head => '示例站长', contact => '0731-00000000', address => '示例路 2 号',
    lat => '28.19', lng => '113.02', version => $version });
is $r->{status}, 200, 'its administrator does';
is_deeply [@{$r->json}{qw(head address lat lng)}],
          [qw(示例站长), '示例路 2 号', '28.19', '113.02'], 'as it was said';
my ($public) = grep { $_->{id} eq 'wenyilu-1' }
               @{$web->get('api/units')->json->{items}};
is $public->{address}, '示例路 2 号', 'the public reads it at once';
problem($local->patch('api/staff/units/wenyilu-1', json => {
            head => 'x', version => $version }), 409, 'conflict', undef,
        'what was changed meanwhile is not lost');

my $page = $local->get('staff/units/wenyilu-2');

page($page, 200, ['修改单位资料', '没有工作人员'], 'the form');
$r = $site->send_form($local, $page, { head => '新站长', lat => '一百' },
                      qr{/staff/units/wenyilu-2$});
page($r, 422, ['格式不正确', '新站长', '一百'],
     'what is wrong is said at the field, what was typed is kept');
$r = $site->send_form($local, $r, { head => '新站长', lat => '28.1',
                                    lng => '113.1' }, qr{wenyilu-2$});
is $r->{status}, 303, 'and taken when it is right';
is unit($local, 'wenyilu-2')->{head}, '新站长', 'as it was typed';
ok $clerk->get('staff/units/wenyilu-1')->text !~ /修改单位资料/,
   'who may not change it has no form';


# ---- who works where

is join(' ', map { "$_->{name}:$_->{role}:$_->{unit}" }
             @{$local->get('api/staff/people')->json->{items}}),
   'administrator-wenyilu:administrator:wenyilu '
   . 'worker-wenyilu-1:worker:wenyilu-1', 'those of the scope';
ok $local->get('api/staff/people')->{body} !~ /salt|hash|path/,
   'without anything that is secret';
page($local->get('staff/people'), 200,
     ['worker-wenyilu-1', 'wenming staff add', '密码不在网页上设置'],
     'the page, and how accounts are made');

my %who = (json => { name => 'worker-wenyilu-1' });

problem($clerk->post('api/staff/people/disable', %who), 403, 'forbidden',
        undef, 'a worker locks nobody out');
problem($local->post('api/staff/people/disable', json => {
            name => 'administrator-furong' }), 422, 'invalid', ['name'],
        'nor an administrator who is not of the scope');
problem($local->post('api/staff/people/disable', json => {
            name => 'administrator-wenyilu' }), 403, 'forbidden', undef,
        'and nobody himself');
problem($local->post('api/staff/people/disable', json => { name => 'a b' }),
        422, 'invalid', ['name'], 'a name that is none');

is $clerk->get('api/staff/today')->{status}, 200, 'somebody is at work';
$r = $local->post('api/staff/people/disable', %who);
is_deeply $r->json, { name => 'worker-wenyilu-1',
                      disabled => JSON::PP::true() }, 'locked out';
is $local->post('api/staff/people/disable', %who)->{status}, 200,
   'twice is no error';
is $clerk->get('api/staff/today')->{status}, 401, 'the session has ended';
is $web->post('api/staff/session', json => {
    name => 'worker-wenyilu-1',
    password => $site->{staff}{'worker-wenyilu-1'} })->{status}, 401,
   'nobody gets in';
is unit($local, 'wenyilu-1')->{lacks}, 1, 'and the station lacks somebody';
$page = $local->get('staff/people');
page($page, 200, ['已停用', '恢复使用'], 'the page says so');
is $site->send_form($local, $page, {}, qr{/enable$})->{status}, 303,
   'a button gives it back';
$clerk = $site->staff(unit => 'wenyilu-1');
is $clerk->get('api/staff/today')->{status}, 200, 'with the same password';
is $local->post('api/staff/people/sign-out', %who)->{status}, 200,
   'sessions are ended';
is $clerk->get('api/staff/today')->{status}, 401, 'all of them';
ok $site->staff(unit => 'wenyilu-1'), 'the account stays';
is join(' ', map { $_->{verb} } grep { $_->{actor} =~ /administrator/
    && $_->{verb} !~ /sign_in/ } $site->journal),
   'unit.change unit.change staff.disable staff.enable staff.end',
   'the journal has each, with who did it';

my @said = map { JSON::PP->new->decode($_) }
           split /\n/, Wenming::Site::read_file("$site->{dir}/audit.log");

is join("\n", map { "$_->{kind} $_->{object}" } grep {
    $_->{success} && $_->{kind} =~ /^(?:unit|staff\.(?:dis|en))/ } @said),
   join("\n", 'unit.change wenyilu-1', 'unit.change wenyilu-2',
        ('staff.disable worker-wenyilu-1') x 2,
        'staff.enable worker-wenyilu-1', 'staff.end worker-wenyilu-1'),
   'so has the audit log';
is(($site->tool('audit'))[0], 0, 'and the journal is whole');

end();
