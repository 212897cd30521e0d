use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# wenming report: figures from an archive that are those of Redis and of the
# pages, that add up, and that both databases agree on.

use JSON::PP ();

use Wenming::Life;

my $site = site();
my $life = Wenming::Life->live($site);
my $redis = $site->redis;

my $worker = $life->{worker};
my $to = $life->archives;


sub report {
    my ($kind, @more) = @_;

    my ($rc, $said) = $site->tool('report', '--from', @{$to->{$kind}},
                                  '--format', 'json', @more);

    die "report ended with $rc: $said" if $rc;

    return JSON::PP->new->utf8->decode($said);
}


sub by_key { return { map { $_->{key} => $_ } @{$_[0]{items}} } }


# ---- alike

for my $by (qw(all year quarter month course unit)) {
    is_deeply report('SQLite', '--by', $by, '--now', '2099-01-01T00:00'),
              report('PostgreSQL', '--by', $by, '--now', '2099-01-01T00:00'),
              "SQLite and PostgreSQL agree by $by";
}

# ---- what Redis and the pages say

my $units = by_key(report('SQLite', '--by', 'unit'));
my @units = sort keys %$units;

is_deeply { map { $_ => $units->{$_}{orders} } @units },
          { map { $_ => $redis->call('ZCARD', $site->key("orders:$_")) }
            @units },
          'orders of each unit are those of its index';
is_deeply { map { $_ => $units->{$_}{events} + $units->{$_}{planned} }
            @units },
          { map { $_ => $redis->call('ZCARD', $site->key("events:$_")) }
            @units },
          'and its public events';
is_deeply { map { $_ => $units->{$_}{wishes} } @units },
          { map { $_ => $redis->call('ZCARD', $site->key("wishes:$_")) }
            @units },
          'and its wishes';

my %score = @{$redis->call('HGETALL', $site->key('score'))};

is_deeply { map { $_ => "$units->{$_}{ratings} $units->{$_}{score}" }
            @units },
          { map { $_ => join ' ', map { $_ || 0 }
                  @score{"unit:$_:n", "unit:$_:sum"} } @units },
          'ratings are those that pages show the mean of';

my %state;
my $cursor = '';

do {
    my $page = $worker->get('api/staff/orders', query => {
        length $cursor ? (cursor => $cursor) : () })->json;
    $state{$_->{status}}++ for @{$page->{items}};
    $cursor = $page->{next} || '';
} while (length $cursor);

my $all = report('PostgreSQL', '--by', 'all')->{total};

for my $s (qw(submitted dispatched accepted scheduled completed rejected
              cancelled expired rated))
{
    is $all->{$s}, $state{$s} || 0, "orders that are $s, as the desk has them";
}

my %seen;
$seen{$_} = $site->roster($_)->{items} for @{$life->{events}}[0, 3];

is $all->{attended}, @{$seen{$life->{events}[0]}}
                     + @{$seen{$life->{events}[3]}},
   'attendance is the rosters\'';
is $all->{people}, 5, 'who came twice is one of the people';
is $all->{rating_mean}, '4.00', 'the mean of 3, 4 and 5';

# ---- the desk's figures count the same

my @span = map { substr Wenming::Site::iso(time + 8 * 3600 + $_ * 86400), 0,
                 10 } -30, 30;

my %same = (held => 'events', planned => 'planned', days => 'days',
            check_ins => 'attended', persons => 'people',
            ratings => 'ratings', orders => 'orders', overdue => 'overdue');


sub sum {
    my $sum = 0;

    $sum += $_ || 0 for @_;

    return $sum;
}


sub counts {                            # of a report's row, as the desk's
    my ($row) = @_;

    return {
        (map { $_ => $row->{$same{$_}} || 0 } keys %same),
        open => sum(@$row{qw(submitted dispatched accepted)}),
        done => sum(@$row{qw(completed rated)}),
        rating => $row->{ratings} ? sprintf('%.1f', $row->{score}
                                                    / $row->{ratings}) : '',
    };
}


sub desk {                              # the same of a row of the desk
    my ($row) = @_;

    return { map { $_ => $row->{$_} } keys %same, qw(open done rating) };
}


sub agree {
    my ($when) = @_;

    for my $by (qw(unit course month)) {
        my $doc = $worker->get('api/staff/figures', query => {
            from => $span[0], to => $span[1], by => $by })->json;

        for my $kind (sort keys %$to) {
            my $report = report($kind, '--by', $by, '--period',
                                join('..', @span));
            my %row = %{by_key($report)};

            is_deeply { total => counts($report->{total}),
                        map { $_->{id} => counts($row{$_->{id}} || {}) }
                            @{$doc->{items}} },
                      { total => desk($doc->{total}),
                        map { $_->{id} => desk($_) } @{$doc->{items}} },
                      "$when, $kind: by $by as the desk has it";
        }
    }

    return;
}

cmp_ok $all->{planned}, '>', 0, 'something is still to come';
agree('as it is');

# ---- a parent is its own and its children

my $own = sub {
    my ($table, $unit, $where) = @_;

    my ($n) = $life->query('SQLite', "SELECT COUNT(*) FROM $table "
                           . "WHERE unit = '$unit'" . ($where || ''));

    return $n;
};

for my $unit (grep { $units->{$_}{orders} || $units->{$_}{events} } @units) {
    my @below = grep { $units->{$_}{parent} eq $unit } @units;

    for my $figure (qw(orders events wishes)) {
        my $sum = $own->($figure, $unit, $figure eq 'events'
                         ? " AND status = 'published' AND start_ms < 1000 * "
                           . int time : '');
        $sum += $units->{$_}{$figure} for @below;

        is $units->{$unit}{$figure}, $sum, "$figure of $unit add up";
    }
}

is_deeply $units->{furong}{orders}, $all->{orders},
          'what stands at the top has all';

for my $by (qw(year quarter month course)) {
    my $r = report('SQLite', '--by', $by);

    for my $figure (qw(orders events attended ratings score head_count)) {
        my $sum = 0;
        $sum += $_->{$figure} for @{$r->{items}};
        is $sum, $r->{total}{$figure}, "$figure by $by add up";
    }
}

# ---- waiting

my $set = sub {
    my ($step, $order, @ms) = @_;

    $life->query($_, "UPDATE order_steps SET at_ms = (SELECT s.at_ms + "
                 . "$ms[0] FROM order_steps s WHERE s.order_id = '$order' "
                 . "AND s.action = '$step') WHERE order_id = '$order' "
                 . "AND action = '$ms[1]'") for sort keys %$to;
};
my @taken = @{$life->{orders}}[0, 1, 2];

$set->('submit', $taken[$_], 60_000 * (1, 5, 30)[$_], 'accept') for 0 .. 2;
$set->('accept', $taken[$_], 3_600_000 * (1, 0, 3)[$_], 'schedule')
    for 0, 2;

for my $kind (sort keys %$to) {
    my $t = report($kind, '--by', 'all')->{total};

    is_deeply [@$t{qw(accept_n accept_median_s accept_p90_s)}],
              [3, 300, 1800], "$kind: how long until taken up";
    is_deeply [@$t{qw(schedule_n schedule_median_s schedule_p90_s)}],
              [2, 3600, 10800], "$kind: until there is a time";
    is $t->{done_n}, 0, "$kind: an end before its beginning does not count";
}

# ---- overdue

is report('SQLite', '--by', 'all')->{total}{overdue}, 0, 'nothing is late';
is report('SQLite', '--by', 'all', '--now', '2099-01-01T00:00')
   ->{total}{overdue}, 3, 'in many years three are';

# ---- narrowed, and as a table

is report('SQLite', '--by', 'all', '--unit', 'wenyilu')->{total}{orders}, 5,
   'a unit only';
is_deeply [map { $_->{key} } @{report('SQLite', '--by', 'unit', '--unit',
                                      'wenyilu')->{items}}],
          [qw(wenyilu wenyilu-1 wenyilu-2 wenyilu-3)],
          'and the units below it';
is report('SQLite', '--by', 'all', '--period', '..2020')->{total}{orders}, 0,
   'a period only';

my ($rc, $said) = $site->tool('report', '--from', $to->{SQLite}[0], '--by',
                              'unit', '--unit', 'wenyilu');

is $rc, 0, 'a table';
like Encode::decode('UTF-8', $said),
     qr/^wenyilu +5 .* 文艺路街道新时代文明实践所$/m, 'for people';

($rc, $said) = $site->tool('report', '--from', $to->{SQLite}[0], '--by',
                           'unit', '--format', 'csv', '--out',
                           "$site->{dir}/units.csv");
is $rc, 0, 'a CSV';

my @lines = split /\r\n/, Wenming::Site::read_file("$site->{dir}/units.csv");

like $lines[0], qr/^"unit","name","orders",/, 'with names of columns';
is scalar(@lines), @units + 2, 'a line for each unit, and the sum';

is(($site->tool('report', '--from', $to->{SQLite}[0], '--by', 'moon'))[0], 2,
   'no such order');

# ---- what was taken back, also in an archive from before that was seen

for my $kind (sort keys %$to) {
    my $facts = Wenming::Site::read_file(
        "$Wenming::Site::ROOT/sql/0004-facts.sql");
    my @views = reverse $facts =~ /^CREATE VIEW (\w+)/mg;
    my $courses = Wenming::Site::read_file(
        "$Wenming::Site::ROOT/sql/0006-courses.sql");

    $life->query($kind, join ';', (map { "DROP VIEW $_" } @views), $facts);
    $life->query($kind, join ';',
                 (map { "DROP TABLE $_" } $courses =~ /^CREATE TABLE (\w+)/mg),
                 map { s/ADD (COLUMN \w+).*/DROP $1/r }
                 $courses =~ /^(ALTER TABLE \w+ ADD COLUMN \w+)/mg);
    $life->query($kind, 'DELETE FROM migrations WHERE number > 4');
}

is(($site->tool('report', '--from', $to->{SQLite}[0]))[0], 1,
   'an archive of an older version is not read');

my ($rated, undef, undef, $visited) = @{$life->{events}};

Wenming::Life::good($life->{clerk}->post(
    "api/staff/orders/$life->{orders}[1]/decline",
    json => { reason => '没有时间' }));
Wenming::Life::good($life->{lead}->post(
    "api/staff/orders/$life->{orders}[3]/accept", json => {}));

my $short = $site->event(orders => [$life->{orders}[3]]);

$life->commit(['HSET', "event:$visited", 'status', 'cancelled']);
$life->archive;

for my $kind (sort keys %$to) {
    my $t = report($kind, '--by', 'all')->{total};

    is_deeply [@$t{qw(attended people ratings)}], [4, 4, 3],
              "$kind: who was at a cancelled event does not count";
    is_deeply [@$t{qw(accept_n schedule_n)}], [3, 3],
              "$kind: nor does what was declined then";
}

Wenming::Life::good($worker->post("api/staff/events/$_/cancel", json => {}))
    for $rated, $short;
$life->archive;

for my $kind (sort keys %$to) {
    my $t = report($kind, '--by', 'all')->{total};

    is_deeply [@$t{qw(attended people ratings score)}], [0, 0, 0, 0],
              "$kind: nor a rating of it";
    is_deeply [@$t{qw(accept_n schedule_n)}], [2, 2],
              "$kind: nor what was scheduled and is to be again";
}

agree('with cancelled events');

end();
