use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# wenming export: what an archive has, as JSON Lines and as CSV, the same from
# SQLite and from PostgreSQL, without a name or a phone unless asked for.

use JSON::PP ();
use POSIX ();

use Wenming::Life;

my $site = site();
my $life = Wenming::Life->live($site);
my $to = $life->archives;
my $dir = $site->{dir};
my $NAME = $Wenming::Life::NAME;
my $json = JSON::PP->new->utf8;


sub export {
    my ($kind, @more) = @_;

    return $site->tool('export', '--from', @{$to->{$kind}}, @more);
}


sub lines {
    my ($kind, @more) = @_;

    my ($rc, $said) = export($kind, @more);

    die "export ended with $rc: $said" if $rc;

    return map { $json->decode($_) } split /\n/, $said;
}


# RFC 4180, read by what is no code of ours.

sub sheet {
    my ($text) = @_;

    my (@rows, @row);

    while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gc) {
        my $cell = defined $1 ? $1 : $2;
        my $end = $3;

        $cell =~ s/""/"/g;
        push @row, Encode::decode('UTF-8', $cell);
        if ($end ne ',') {
            push @rows, [@row];
            @row = ();
        }
    }

    die 'something follows the last row' if (pos($text) || 0) != length $text;

    return @rows;
}


# ---- the same from both

my %all;

for my $kind (sort keys %$to) {
    $all{$kind} = [map { $json->canonical->encode($_) } lines($kind)];
    push @{$all{$kind}}, map { $json->encode($_) }
        lines($kind, '--what', 'units,courses,drafts,teams,staff,people,'
                               . 'journal,practices,projects');
}

is_deeply [sort @{$all{SQLite}}], [sort @{$all{PostgreSQL}}],
          'SQLite and PostgreSQL say the same';

my %count;
$count{$json->decode($_)->{what}}++ for @{$all{SQLite}};

is $count{orders}, 7, 'each order is a line';
is $count{attendance}, 7, 'each attendance';
is $count{journal}, $site->journal_length, 'each entry of the journal';
is scalar(keys %count), 17, 'every kind has something';

my ($first) = lines('SQLite', '--what', 'orders');

like $first->{made}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/,
     'times are the district\'s, and say so';

# ---- nobody's name

my $everything = Encode::decode('UTF-8', join "\n", @{$all{SQLite}});

unlike $everything, qr/\Q$NAME\E|(?<![0-9a-f])139\d{8}|备注|细节|找/,
       'no name, phone, note or reason';
unlike $everything, qr/"reason"|"organisation"|示例单位/,
       'what is typed freely is left out';

my %device = map { $_ => 1 } map { /device:([0-9A-Z]{16})\z/ }
             map { $_->{actor} } $site->journal;

ok scalar(keys %device), 'residents did something';
is_deeply [grep { index($everything, $_) >= 0 } sort keys %device], [],
          'nor is any of their devices told from another';

my %actor;
$actor{$_->{what}}{$_->{actor}} = 1
    for grep { exists $_->{actor} } map { $json->decode($_) } @{$all{SQLite}};

is_deeply [map { join ' ', grep { !/^cli:/ } sort keys %{$actor{$_}} }
           qw(order_steps enrolments journal)],
          ['device staff/lead-wenyilu staff/worker-furong '
           . 'staff/worker-wenyilu', 'device', 'device '
           . 'staff:lead-wenyilu staff:worker-furong staff:worker-wenyilu'],
          'who works is named';

for my $kind (sort keys %$to) {
    my %by = map { $_->{id} => $_ } lines($kind, '--what', 'orders',
                                          '--personal');
    my $order = $by{$life->{orders}[2]};

    is_deeply [@$order{qw(name phone note)}],
              [$NAME, $site->phone(2), '备注2'],
              "$kind: --personal opens what is sealed";
    is $by{$life->{orders}[4]}{reason}, '找13911112222商量',
       "$kind: and has what was typed";
    is $order->{organisation}, '=1+1示例单位', "$kind: by a resident, too";
    ok scalar(grep { $_->{actor} =~ m{^device/[0-9A-Z]{16}\z} }
              lines($kind, '--what', 'order_steps', '--personal')),
       "$kind: and on which device";

    my @wishes = lines($kind, '--what', 'wishes', '--personal');

    is_deeply [sort map { $_->{wish} } @wishes],
              [map { "想学用手机$_" } 0, 1], "$kind: wishes";

    my @ratings = lines($kind, '--what', 'ratings', '--personal');

    is_deeply [sort map { $_->{text} } @ratings], [map { "讲得好$_" } 0 .. 2],
              "$kind: the texts of ratings";
}

$site->must('keys', 'new', "$dir/other-keys");

my ($rc, $said) = Wenming::Site::run("$Wenming::Site::BUILD/wenming", 'export',
    '--district', 'furong', '--keys', "$dir/other-keys", '--from',
    $to->{SQLite}[0], '--what', 'orders', '--personal', '--out',
    "$dir/none.jsonl");

is $rc, 1, 'other keys open nothing';
ok !-e "$dir/none.jsonl" && !glob("$dir/none.jsonl.*"),
   'and nothing is left of it';

# ---- CSV

($rc, $said) = export('SQLite', '--what', 'orders', '--format', 'csv',
                      '--bom', '--personal', '--out', "$dir/orders.csv");
is $rc, 0, 'a CSV';
like $said, qr/^7 rows in /, 'says how much it was';
is((stat "$dir/orders.csv")[2] & 07777, 0600, 'is nobody else\'s');

my $text = Wenming::Site::read_file("$dir/orders.csv");

like $text, qr/^\xef\xbb\xbf"id","running"/, 'begins with the mark';

my @rows = sheet(substr $text, 3);
my %column = map { $rows[0][$_] => $_ } 0 .. $#{$rows[0]};

is scalar(@rows), 8, 'a head and seven rows';
is_deeply [grep { @$_ != @{$rows[0]} } @rows], [], 'all as wide as the head';
is $rows[1][$column{organisation}], "'=1+1示例单位", 'no cell is a formula';

my @twin = sheet((export('PostgreSQL', '--what', 'orders', '--format',
                         'csv', '--personal'))[1]);

is_deeply \@twin, [@rows], 'from PostgreSQL the same';

($rc) = export('SQLite', '--what', 'orders,wishes', '--format', 'csv');
is $rc, 2, 'one kind in a CSV';

Wenming::Site::write_file("$dir/there", 'before');
export('SQLite', '--what', 'units', '--out', "$dir/there");
is scalar(split /\n/, Wenming::Site::read_file("$dir/there")),
   $count{units}, 'a file that is there is replaced';
symlink "$dir/there", "$dir/link" or die $!;
is((export('SQLite', '--what', 'units', '--out', "$dir/link"))[0], 1,
   'a link is not followed');

# ---- interrupted

$life->query('SQLite', q{
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
                            WHERE i < 400000)
    INSERT INTO attendance (event, person, in_ms, out_ms, how, actor)
    SELECT '} . $life->{events}[0] . q{', printf('%016d', i), 1, 0, 's', 'd'
    FROM n});


sub interrupted {
    my ($signal, @out) = @_;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        open STDOUT, '>', "$dir/stdout";
        open STDERR, '>', "$dir/stderr";
        exec "$Wenming::Site::BUILD/wenming", '--keys', $site->{keys},
             '--district', 'furong', '--audit-log', "$dir/audit.log",
             'export', '--from', $to->{SQLite}[0], '--what', 'attendance',
             '--personal', @out or POSIX::_exit(127);
    }

    $site->until(10, sub { grep { -s } "$dir/stdout", glob "$dir/cut.*" })
        or diag 'nothing is written';
    kill $signal, $pid;
    waitpid $pid, 0;

    return $? & 127;
}


for my $case (['INT', 2], ['TERM', 15], ['HUP', 1]) {
    my ($signal, $n) = @$case;

    is interrupted($signal, '--out', "$dir/cut.jsonl"), $n,
       "ended by $signal";
    is_deeply [glob "$dir/cut.*"], [], 'and nothing is left of it';

    my $line = $json->decode(
        (split /\n/, Wenming::Site::read_file("$dir/audit.log"))[-1]);

    is_deeply [@$line{qw(kind success result)}],
              ['export', JSON::PP::false, 'interrupted'],
              'the audit log says so';
    unlink "$dir/audit.log";
}

is interrupted('TERM'), 15, 'also what went to a terminal';
like Wenming::Site::read_file("$dir/audit.log"), qr/"interrupted"/,
     'has its line';
$life->query('SQLite', "DELETE FROM attendance WHERE actor = 'd'");

# ---- narrowed

for my $kind (sort keys %$to) {
    my @below = lines($kind, '--what', 'orders', '--unit', 'wenyilu');

    is scalar(@below), 5, "$kind: a unit has all below it";

    my @there = lines($kind, '--what', 'attendance', '--unit', 'chaoyangjie');

    is scalar(@there), 3, "$kind: attendance by the event's unit";

    my $year = substr $first->{made}, 0, 4;
    my @these = lines($kind, '--what', 'orders', '--period', $year);
    my @before = lines($kind, '--what', 'orders', '--period',
                       '..' . ($year - 1));

    is_deeply [scalar(@these), scalar(@before)], [7, 0], "$kind: a period";
}

is((export('SQLite', '--what', 'orders', '--unit', 'nowhere'))[0], 1,
   'no such unit');
is((export('SQLite', '--what', 'people', '--unit', 'wenyilu'))[0], 2,
   'people belong to no unit');
is((export('SQLite', '--what', 'orders', '--period', '2026-13'))[0], 2,
   'no such month');
is((export('SQLite', '--what', 'secrets'))[0], 2, 'no such kind');

# ---- longer than a page

my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;

$life->query('SQLite', q{
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
                            WHERE i < 1500)
    INSERT INTO attendance (event, person, in_ms, out_ms, how, actor)
    SELECT '} . $life->{events}[0] . q{', printf('%016d', i), 1, 0, 's', 'd'
    FROM n});

my %seen;
$seen{"$_->{event} $_->{person}"}++
    for lines('SQLite', '--what', 'attendance');

is scalar(keys %seen), 1507, 'pages follow on each other';
is_deeply [grep { $_ > 1 } values %seen], [], 'and overlap nowhere';

end();
