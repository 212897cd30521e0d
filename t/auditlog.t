use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The audit log: a line of JSON for whatever an operator does, on pages and
# with the tool; whatever is typed, it stays one line, and nobody's phone.

use JSON::PP ();

my $site = site(http => ['wenming_audit_log {{dir}}/audit.log;'],
                expect => [qr/cannot write to the audit log/]);
my $dir = $site->{dir};
my $log = "$dir/audit.log";
my $json = JSON::PP->new->utf8;
my $seen = 0;
my $NAME = '张示例甲';


# The lines since the last call.

sub fresh {
    my @lines = split /\n/, Wenming::Site::read_file($log);
    my @new = splice @lines, $seen;

    $seen += @new;

    return map { my $line = $json->decode($_);
                 die 'not in one time' if $line->{time} !~ /^20\d\d-/;
                 $line } @new;
}


sub said {
    return [map { "$_->{user} $_->{kind} $_->{object} "
                  . ($_->{success} ? 'done' : 'not') . " $_->{result}" }
            @_];
}

is((stat $log)[2] & 07777, 0640, 'it is for its group to read, and no more');

# ---- signing in

my $boss = $site->worker;
my ($line) = fresh();

is_deeply said($line), ['worker-furong staff.sign_in  done ok'],
          'somebody signs in';
is $line->{address}, '127.0.0.1', 'from where';
is $line->{district}, 'furong', 'to which district';
is $line->{source}, 'web', 'by a page';
is_deeply [sort keys %$line],
          [sort qw(time source district user kind object success result
                   address route)], 'all that is asked for';

my $stranger = $site->browser;

$stranger->post('api/staff/session', json => { name => 'worker-furong',
                                               password => 'wrong' });
is_deeply said(fresh()), ['worker-furong staff.sign_in  not wrong_password'],
          'a wrong password';

for my $name ("a\"b", "a\\b\x{2028}c", '{"user":"root"}', 'a]}', '李"四') {
    $stranger->post('api/staff/session', json => { name => $name,
                                                   password => 'x' });
    is_deeply [map { $_->{user} } fresh()], [$name], 'a name as it was typed';
}

$stranger->post('api/staff/session', json => { name => "a\nb",
                                               password => 'x' });
is_deeply [map { "$_->{user} $_->{result}" } fresh()], ["a\nb invalid"],
          'a line feed begins no line';
$stranger->post('staff/login', body => "name=%ff%fe%22&password=x",
                type => 'application/x-www-form-urlencoded',
                headers => { 'Sec-Fetch-Site' => 'same-origin' });
is scalar(() = fresh()), 1, 'nor do bytes that are no text';
$stranger->post('api/staff/session', json => { name => $site->phone(1),
                                               password => 'x' });
is_deeply [map { $_->{user} } fresh()], ['(digits)'],
          'a phone in the place of a name is not kept';
$stranger->post('api/staff/session', json => {
    name => $site->phone(1) =~ tr/0-9/０-９/r, password => 'x' });
is_deeply [map { $_->{user} } fresh()], ['(digits)'],
          'nor one that is written wide';

my $numbered = $site->staff(name => 'clerk20260001');

$numbered->delete('api/staff/session');
is_deeply [map { "$_->{user} $_->{kind}" } fresh()],
          ['clerk20260001 staff.sign_in', 'clerk20260001 staff.sign_out'],
          'a worker whose name has many digits is known by it';

# ---- what workers do

my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $clerk = $site->staff(unit => 'wenyilu');
my $auditor = $site->staff(role => 'auditor');
my $resident = $site->browser;
my $order = $resident->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
    head_count => 10, contact_name => $NAME, phone => $site->phone(2),
    note => '备注' })->json->{id};

fresh();
$clerk->post("api/staff/orders/$order/dispatch",
             json => { team => 'wenyilu-squad' });
$clerk->post("api/staff/orders/$order/dispatch",
             json => { team => 'wenyilu-squad' });
$auditor->post("api/staff/orders/$order/reject", json => { reason => 'x' });
$auditor->get('staff/events/new');
$clerk->get("api/staff/orders/$order");

is_deeply said(fresh()),
          ["worker-wenyilu order.dispatch $order done ok",
           "worker-wenyilu order.dispatch $order not state",
           "auditor-furong order.reject $order not forbidden",
           'auditor-furong read  not forbidden'],
          'what was done, what was not, and what was refused; no reading';

my $event = $site->event;

is_deeply said(fresh()),
          ["worker-furong event.create $event done created",
           "worker-furong event.publish $event done ok"],
          'an event is made, and published';
$boss->get("api/staff/events/$event/roster.csv");
is_deeply said(fresh()), ["worker-furong export.roster $event done ok"],
          'a list of people is taken along';
$boss->post("staff/events/$event/cancel", form => {},
            headers => { 'Sec-Fetch-Site' => 'cross-site' });
is_deeply said(fresh()), ["worker-furong event.cancel $event not foreign"],
          'another site tries it for him';
$stranger->post("api/staff/events/$event/cancel", json => {});
is_deeply said(fresh()), [], 'who is nobody fills no disk';
$resident->delete('api/me');
is_deeply said(fresh()), ['resident person.forget  not ask_office'],
          'a resident wants his record ended';
$clerk->delete('api/staff/session');
is_deeply said(fresh()), ['worker-wenyilu staff.sign_out  done ok'],
          'somebody leaves';

# ---- a form that came too late: signing in leads back to it

my %others = map { ($_ => 1) } @{$site->redis->call('KEYS', '*session:*')};
my $editor = $site->staff(unit => 'wenyilu', name => 'editor');
my $form = $editor->get("staff/events/$event");

$site->redis->call('DEL', $_)
    for grep { !$others{$_} } @{$site->redis->call('KEYS', '*session:*')};
fresh();
$form = $site->send_form($editor, $form, { title => '另一个标题' },
                         qr{staff/events/$event$});
is_deeply said(fresh()), [], 'nobody is signed in any more';
$form = $site->send_form($editor, $form, {
    name => 'editor', password => $site->{staff}{editor} }, qr/login$/);
like Wenming::Answer::unescape($form->text), qr/另一个标题/,
     'the form is back after signing in';
is_deeply said(fresh()), ['editor staff.sign_in  done resumed'],
          'which is what was done, and nothing else';

my $text = Wenming::Site::read_file($log);

unlike Encode::decode('UTF-8', $text), qr/139\d{8}|\Q$NAME\E|备注/,
       'nobody\'s name, phone or note';

# ---- rotated, and a file that is full

rename $log, "$log-1" or die $!;
kill 'USR1', $site->nginx_pid;
$site->until(5, sub { -e $log }) or die 'it is not opened anew';
$seen = 0;
$site->until(5, sub { $boss->post("api/staff/events/$event/cancel",
                                  json => {}); -s $log })
    or die 'nothing is written to it';
is((stat $log)[2] & 07777, 0640, 'a new file has the same mode');
like said(fresh())->[-1], qr/event\.cancel/, 'and the lines';

SKIP: {
    skip 'no /dev/full', 3 if !-c '/dev/full';

    unlink $log or die $!;
    symlink '/dev/full', $log or die $!;
    kill 'USR1', $site->nginx_pid;
    ok $site->until(5, sub {
        $boss->post('api/staff/orders', json => {})->{status} == 422
        && $site->error_log =~ /cannot write to the audit log/ }),
       'a full disk stops nobody, and is said';

    my $metrics = $site->browser->get('api/metrics')->text;

    like $metrics, qr/^wenming_audit_log_lost_total\{[^}]*\} [1-9]/m,
         'and counted';

    $boss->post('api/staff/orders', json => {}) for 1 .. 6;
    my $told = () = $site->error_log =~ /cannot write to the audit log/g;
    ok $told <= $site->{workers}, 'said once a minute';

    unlink $log or die $!;
    kill 'USR1', $site->nginx_pid;
    $site->until(5, sub { -e $log }) or die 'it is not opened anew';
}

# ---- the tool

my $conf = Wenming::Site::write_file("$dir/wenming.conf",
                                     "audit-log $dir/tool.log;\n"
                                     . "logrotate $dir/logrotate;\n");

$log = "$dir/tool.log";
$seen = 0;
delete $ENV{SSH_CONNECTION};
$site->must('--config', $conf, 'staff', 'disable', 'auditor-furong');
($line) = fresh();
like $line->{user}, qr/^cli:/, 'who runs it';
is_deeply [@$line{qw(kind object success result source address)}],
          ['staff.disable', 'auditor-furong', JSON::PP::true, 'ok', 'tool',
           'local'], 'and what he does';
is((stat $log)[2] & 07777, 0640, 'its own file has the mode');

{
    local $ENV{SSH_CONNECTION} = '192.0.2.9 5 192.0.2.1 22';

    $site->tool('--config', $conf, 'staff', 'enable', 'nobody"{}');
    ($line) = fresh();
    is_deeply [@$line{qw(kind object success address)}],
              ['staff.enable', 'nobody"{}', JSON::PP::false, '192.0.2.9'],
              'what fails, and where he sits';
}

$site->tool(\(Encode::encode('UTF-8', "$NAME\n") . $site->phone(2) . "\n"),
            '--config', $conf, 'person', 'forget', '--yes');
is_deeply [map { "$_->{kind} $_->{object}" } fresh()], ['person.forget '],
          'forgetting names nobody';
$site->tool('--config', $conf, 'staff', 'list');
is scalar(() = fresh()), 0, 'looking leaves no line';
unlike Wenming::Site::read_file($log), qr/139\d{8}/, 'no phone here, too';

my ($rc, $said) = $site->tool('--config', Wenming::Site::write_file(
    "$dir/other.conf", "audit-log $dir/nothing/here;\n"), 'staff', 'enable',
    'auditor-furong');
is $rc, 1, 'without its line, a command has failed';
like $said, qr/audit log .* cannot be written/, 'and says so';

# ---- the doctor

sub doctor {
    my ($rotate, $pattern, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Wenming::Site::write_file("$dir/logrotate",
                              "$log {\n$rotate\n}\n/other {\nrotate 2\n}\n");

    return like(($site->tool('--config', $conf, 'doctor'))[1], $pattern,
                $name);
}

doctor("\tdaily\n\trotate 400\n\tmaxage 400", qr/^ok .*400 days/m,
       'kept for long enough');
doctor("\tweekly\n\trotate 4", qr/^FAIL .*28 days/m, 'not long enough');
doctor("\tdaily\n\trotate 400\n\tmaxage 90", qr/^FAIL .* 90 days/m,
       'cut by age');
doctor("\tmonthly\n\trotate -1", qr/^ok .*for good/m, 'for good');
doctor("\tmonthly\n\trotate 6", qr/^ok .*180 days/m, 'half a year');
doctor("\tdaily\n\tsize 1M\n\trotate 60", qr/^FAIL .*60 days/m,
       'by size it may be each day');

# as Debian has it: all of a directory, and only the first block counts

mkdir "$dir/logrotate.d" or die $!;
Wenming::Site::write_file($conf, "audit-log $log;\n"
                                 . "logrotate $dir/logrotate.d;\n");

my %rotated = (
    'nginx.dpkg-old' => "$dir/*.log {\n\trotate 3\n}\n",
    'apt' => "weekly\nrotate 5\n\"$dir/a b.log\"\n$dir/*/tool.log {\n}\n",
    'nginx' => "$dir/nginx/*.log {\n\tdaily\n\trotate 14\n\tprerotate\n"
               . "$dir/*.log {\nrotate 1\n\tendscript\n}\n",
    'wenming' => "# $log {\nmonthly\nrotate 12\n$dir/x.log \"$log\"\n{\n}\n");

Wenming::Site::write_file("$dir/logrotate.d/$_", $rotated{$_})
    for sort keys %rotated;


sub looked {
    my ($pattern, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return like(($site->tool('--config', $conf, 'doctor'))[1], $pattern,
                $name);
}

looked(qr/^ok .*360 days/m, 'one block of a directory, and what it inherits');
Wenming::Site::write_file("$dir/logrotate.d/nginx",
                          $rotated{nginx} =~ s{/nginx/}{/}r);
looked(qr{^FAIL .* has 2 blocks .*logrotate\.d/nginx and .*/wenming$}m,
       'a pattern of another file takes it first');
unlink "$dir/logrotate.d/wenming" or die $!;
looked(qr/^FAIL .* 14 days .*logrotate\.d\/nginx/m, 'or alone');
unlink "$dir/logrotate.d/nginx" or die $!;
looked(qr/^ok .*for good: logrotate has no word of it/m, 'or nobody does');
Wenming::Site::write_file("$dir/logrotate.d/huge", '#' x 70_000);
looked(qr/^warn .*huge cannot be read/m, 'what cannot be read is said');
Wenming::Site::write_file($conf, "audit-log $log;\n"
                                 . "logrotate $dir/logrotate;\n");

chmod 0666, $log or die $!;
doctor("\tdaily\n\trotate 400", qr/^FAIL .*mode 0666/m,
       'others could change it');

# ---- off

$site->{http} = ['wenming_audit_log off;'];
ok(($site->check_configuration)[0], 'off is no file');

end();
