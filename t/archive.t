use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The archive: SQL has every entry of the journal and the state that follows
# from them, once, whoever is killed; and a district rebuilt from it answers
# as it did before.

use Digest::SHA qw(sha1_hex);
use JSON::PP ();
use POSIX ();

use Wenming::Postgres;

my $NAME = '张示例甲';
my $KILLS = 30;

my $pg = Wenming::Postgres->start;
my $site = site();
my $dir = $site->{dir};
my $file = "$dir/furong.db";
my %to = (
    SQLite => ["sqlite:$file"],
    PostgreSQL => [$pg->address, '--archive-password-file',
                   $pg->password_file],
);
my $root = $Wenming::Site::ROOT;


sub archive {
    my ($kind, @more) = @_;

    return $site->tool('archive', '--to', @{$to{$kind}}, @more);
}


sub archived {
    my ($kind, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($rc, $said) = archive($kind);

    return is($rc, 0, "$kind: $name") || diag $said;
}


sub sqlite {
    my ($statement) = @_;

    my ($rc, $said) = Wenming::Site::run('sqlite3', '-list', '-separator',
                                         '|', $file, $statement);

    die "sqlite3 ended with $rc: $said" if $rc;

    return split /\n/, $said;
}


sub query {
    my ($kind, $statement) = @_;

    return $kind eq 'SQLite' ? sqlite($statement)
                             : $pg->psql('furong', $statement);
}


# ---- what stands in SQL and in Redis, to be compared

# The tables and views of sql/: name, columns and their types.

sub schema {
    my %tables;

    for my $sql (map { Wenming::Site::read_file($_) } glob "$root/sql/*.sql") {
        while ($sql =~ /^CREATE TABLE (\w+) \((.*?)^\);/msg) {
            my ($table, $body) = ($1, $2);

            $tables{$table} = [map { /^    ([a-z]\w*) +([A-Z]+)/
                                     ? [$1, $2] : () } split /\n/, $body];
        }
        $tables{$1} = undef while $sql =~ /^CREATE VIEW (\w+)/mg;
    }

    return \%tables;
}


my $schema = schema();
my %own = map { $_ => 1 } qw(id batches archived_ms);     # of one archive


sub bytes {
    my ($kind, $column) = @_;

    return $kind eq 'SQLite' ? "lower(hex($column))"
                             : "encode($column, 'hex')";
}


sub rows {
    my ($kind, $table) = @_;

    my $columns = $schema->{$table};
    my $list = !$columns ? '*' : join ', ',
        map { $_->[1] eq 'BYTEA' ? bytes($kind, $_->[0]) : $_->[0] }
        grep { $table ne 'archive' || !$own{$_->[0]} } @$columns;

    return join "\n", sort(query($kind, "SELECT $list FROM $table"));
}


# Everything in SQL that both kinds of archive must have alike.

sub all_rows {
    my ($kind) = @_;

    return { map { $_ => rows($kind, $_) } sort keys %$schema };
}


my $left_out = qr/^(?:session:|once:|code:|journal$|head$|archived$|event_number$)/;
my %private = ('person:' => ['key'], 'staff:' => ['salt', 'hash']);


# Type and content of each key that the mirror keeps.

sub redis_state {
    my ($redis) = @_;

    my %state;

    for my $key (@{$redis->call('KEYS', $site->key('*'))}) {
        (my $name = $key) =~ s/^wm:\{furong\}://;
        next if $name =~ $left_out;

        my $type = $redis->call('TYPE', $key);
        my @read = $type eq 'hash' ? ('HGETALL', $key)
                 : $type eq 'set' ? ('SMEMBERS', $key)
                 : $type eq 'zset' ? ('ZRANGE', $key, 0, -1, 'WITHSCORES')
                 : ('GET', $key);
        my $got = $redis->call(@read);
        my @got = ref $got ? @$got : $got;

        if ($type eq 'hash' || $type eq 'zset') {
            my %pairs = @got;
            @got = map { "$_=$pairs{$_}" } keys %pairs;
        }

        $state{$name} = join "\n", $type, sort @got;
        $state{$name} .= "\nends" if $redis->call('PTTL', $key) > 0;
    }

    return \%state;
}


# The same, from the archive's tables.

sub sql_state {
    my ($kind) = @_;

    my (%lists, %type, %state);
    my $hex = sub { join ', ', map { bytes($kind, $_) } @_ };
    my $read = sub {
        return map { [map { /^\d+\z/ && 0 ? $_ : $_ } split /\|/, $_, -1] }
               query($kind, $_[0]);
    };
    my $un = sub { pack 'H*', $_[0] };

    for my $r ($read->('SELECT ' . $hex->(qw(name field value))
                       . ' FROM state_hash UNION ALL SELECT '
                       . $hex->(qw(name field value)) . ' FROM private_field'))
    {
        my ($name, @pair) = map { $un->($_) } @$r;
        $type{$name} = 'hash';
        push @{$lists{$name}}, join '=', @pair;
    }
    for my $r ($read->('SELECT ' . $hex->(qw(name member))
                       . ' FROM state_set'))
    {
        my ($name, $member) = map { $un->($_) } @$r;
        $type{$name} = 'set';
        push @{$lists{$name}}, $member;
    }
    for my $r ($read->('SELECT ' . $hex->(qw(name member))
                       . ', score FROM state_zset'))
    {
        my ($name, $member) = ($un->($r->[0]), $un->($r->[1]));
        $type{$name} = 'zset';
        push @{$lists{$name}}, "$member=$r->[2]";
    }
    for my $r ($read->('SELECT ' . $hex->(qw(name value))
                       . ' FROM state_string'))
    {
        $type{$un->($r->[0])} = 'string';
        push @{$lists{$un->($r->[0])}}, $un->($r->[1]);
    }

    $state{$_} = join "\n", $type{$_}, sort @{$lists{$_}} for keys %lists;
    $state{$un->($_)} .= "\nends"
        for query($kind, 'SELECT ' . $hex->('name') . ' FROM state_expiry '
                  . 'WHERE at_ms > ' . int(time * 1000));

    return \%state;
}


sub redis_journal {
    my ($redis) = @_;

    my $rows = $redis->call('XRANGE', $site->key('journal'), '-', '+');

    return [map { my %f = @{$_->[1]};
                  join '|', $_->[0], map { unpack 'H*', $_ } @f{qw(w e)} }
            @$rows];
}


sub sql_journal {
    my ($kind) = @_;

    return [query($kind, 'SELECT id, ' . bytes($kind, 'w') . ', '
                  . bytes($kind, 'e') . ' FROM journal ORDER BY number')];
}


# SQL has just what Redis has.

sub equal {
    my ($kind, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $redis = $site->redis;

    is_deeply sql_journal($kind), redis_journal($redis),
              "$kind: $name: every entry, once";

    return is_deeply sql_state($kind), redis_state($redis),
                     "$kind: $name: the state of every key";
}


# ---- a commit that no page makes

sub packed {
    my (@words) = @_;

    return pack('C n', 0xdc, scalar @words) . join '', map {
        my $word = $_;
        ref $word ? pack 'C', $$word
                  : pack('C N', 0xdb, length $word) . $word;
    } @words;
}


# Effects: [name, key, argument...]; private ones behind.

sub commit {
    my ($effects, $private) = @_;

    my $redis = $site->redis;
    my @outer = map { (\scalar(@$_), $_->[0], $site->key($_->[1]),
                       @$_[2 .. $#$_]) } @$effects;
    my @inner = map { (\scalar(@$_), $_->[0], $site->key($_->[1]),
                       @$_[2 .. $#$_]) } @{$private || []};
    my %keys = map { $site->key($_->[1]) => 1 } @$effects, @{$private || []};
    my $e = packed(@outer);
    my $script = Wenming::Site::read_file("$root/redis/commit.lua");
    my $answer = $redis->call('EVAL', $script, 2 + keys %keys,
        $site->key('journal'), $site->key('head'), sort(keys %keys), 60,
        int(time * 1000), 'test.write tester '
        . (@inner ? sha1_hex(packed(@inner)) : '-') . ' ' . sha1_hex($e),
        '', '', packed(\2, @inner), $e);

    die "not committed: @{$answer->[0]}" if $answer->[0][0] ne 'done';

    return;
}


# ---- a whole life

my $worker = $site->worker;
my $clerk = $site->staff(unit => 'wenyilu');
my $lead = $site->staff(unit => 'wenyilu', role => 'lead',
                        team => 'wenyilu-squad');
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my @residents = map { $site->browser } 1 .. 6;
my (@orders, @events, @wishes);


sub good {
    my ($r) = @_;

    die "$r->{status} $r->{error} " . $r->text if $r->{status} !~ /^2/;

    return $r->json;
}


sub live {
    for my $i (0 .. $#residents) {
        push @orders, good($residents[$i]->post('api/orders', json => {
            course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
            head_count => 10 + $i, contact_name => $NAME,
            phone => $site->phone($i), note => "备注$i" }))->{id};
    }

    good($clerk->post("api/staff/orders/$orders[$_]/dispatch", json => {
        team => 'wenyilu-squad' })) for 0 .. 3;
    good($lead->post("api/staff/orders/$orders[$_]/accept", json => {}))
        for 0 .. 2;
    good($lead->post("api/staff/orders/$orders[2]/decline",
                     json => { reason => '时间不合适' }));
    good($residents[5]->post("api/orders/$orders[5]/cancel", json => {}));

    push @events,
        $site->event(orders => [@orders[0, 1]], capacity => 30),
        $site->event(start => Wenming::Site::iso(time + 86400), capacity => 3,
                     end => Wenming::Site::iso(time + 90000)),
        $site->event(draft => 1);

    good($residents[$_]->post("api/events/$events[1]/enrol", json => {
        name => $NAME, phone => $site->phone($_) })) for 0 .. 4;
    good($residents[0]->post("api/events/$events[1]/enrol/cancel",
                             json => {}));

    for my $kind (qw(screen-in screen-out)) {
        $site->check_in($residents[$_], $events[0], $NAME, $site->phone($_),
                        kind => $kind) for 0 .. 3;
    }

    my @rated = map { good($residents[$_]->post(
        "api/events/$events[0]/ratings", json => {
            score => 3 + $_ % 3, text => "讲得好$_" })) } 0 .. 2;

    @wishes = map { good($residents[$_]->post('api/wishes', json => {
        wish => "想学用手机$_", text => '', who => 'new', category => 'study',
        unit => 'wenyilu-1', name => $NAME, phone => $site->phone($_) }))->{id}
    } 0, 1;
    good($clerk->post("api/staff/wishes/$wishes[0]/publish",
                      json => { wish => '想学手机' }));

    my $shown = good($worker->get('api/staff/ratings'))->{items}[0];

    good($worker->post("api/staff/ratings/$shown->{id}/show", json => {}));

    return;
}


sub grow {                              # a few entries more
    my ($n) = @_;

    my @r = at_once(map { [$site->browser, 'POST', 'api/orders', json => {
        course => 'law-01', unit => 'wenyilu', wanted => [$day],
        head_count => 1, contact_name => $NAME, note => '',
        phone => $site->phone(int rand 1e6) }] } 1 .. $n);

    die map { "$_->{status} " } @r if grep { $_->{status} != 201 } @r;

    return;
}


eval { live(); 1 } or die "the life went wrong: $@";


# ---- every kind of effect, and any bytes

my $bytes = join '', map { chr } 0 .. 255;

commit([['HSET', 'odd', "f\0\xff", $bytes, '', ''], ['SADD', 'bag', $bytes, 'b'],
        ['ZADD', 'line', -5, 'a'], ['ZADD', 'line', 7, 'b'],
        ['SET', 'word', $bytes], ['HINCRBY', 'sums', 'n', 41],
        ['HSET', 'sums', 'copy', \6], ['SET', 'gone', 'x'],
        ['HSET', 'short', 'a', 'b'], ['EXPIRE', 'short', 3600],
        ['SET', 'soon', 'x'], ['EXPIRE', 'soon', 1],
        ['HSET', 'kept', 'a', 'b', 'c', 'd'], ['EXPIRE', 'kept', 3600]]);
commit([['DEL', 'gone'], ['ZREM', 'line', 'a'], ['SREM', 'bag', 'b'],
        ['HDEL', 'odd', ''], ['HINCRBY', 'sums', 'n', 1],
        ['HDEL', 'kept', 'a', 'c']]);
commit([['HSET', 'kept', 'e', 'f']]);   # without an end, again
commit([['HSET', 'person:' . 'A' x 16, 'name', 'sealed', 'made', 5]],
       [['HSET', 'person:' . 'A' x 16, 'key', 'WRAPPED-KEY-OF-A-PERSON']]);
commit([['HSET', 'staff:nobody', 'role', 'worker', 'totp_step', 7]],
       [['HSET', 'staff:nobody', 'salt', 's', 'hash', 'h', 'totp', 'sealed',
         'code1', 'd1', 'code10', 'd10']]);
commit([['HDEL', 'staff:nobody', 'code1']]);
commit([['HSET', 'drafts', 'new', '{"title":"x","status":"draft"}']]);
sleep 1.1;                              # "soon" is over
commit([['HSET', 'after', 'a', 'b']]);

for my $kind (sort keys %to) {
    archived($kind, 'a whole life is archived');
    equal($kind, 'a whole life');
}

is_deeply all_rows('SQLite'), all_rows('PostgreSQL'),
          'SQLite and PostgreSQL have the same rows, also in reports';

my %count = map { $_ => query('SQLite', "SELECT COUNT(*) FROM $_") }
            keys %$schema;

is_deeply [grep { !$count{$_} } sort keys %count], [],
          'each table and report has something';
is_deeply [query('SQLite', 'SELECT action, at_ms > 0 FROM order_steps '
                 . "WHERE order_id = '$orders[2]' ORDER BY step")],
          ['submit|1', 'dispatch|1', 'accept|1', 'decline|1'],
          'the steps of an order';
is_deeply [query('SQLite', 'SELECT attended, rated FROM report_events '
                 . "WHERE id = '$events[0]'")], ['4|3'],
          'a report counts who was there, and ratings';
is((stat $file)[2] & 07777, 0600, 'nobody else may read the file');

my ($rc, $said) = $site->tool('archive', 'status');

is scalar(() = $said =~ /^wenming_archived_entries\{district="furong",archive="\w{16}"\} \d+$/mg),
   2, 'how far each archive is';
like(($site->tool('doctor'))[1], qr/^ok    archive \w{16} has (\d+) of \g1 entries/m,
     'doctor knows');
is(scalar(grep { $site->redis->call('XPENDING', $site->key('journal'), $_)->[0] }
          groups()), 0, 'everything is acknowledged');


sub groups {
    return map { my %g = @$_; $g{name} }
           @{$site->redis->call('XINFO', 'GROUPS', $site->key('journal'))};
}


# a table of things can be made anew from the state

my $rows = all_rows('SQLite');

sqlite('DELETE FROM orders; DELETE FROM attendance; '
       . "INSERT INTO units (id) VALUES ('nowhere'); "
       . 'UPDATE archive SET projection = 0');
archived('SQLite', 'made by older rules');
is_deeply all_rows('SQLite'), $rows, 'rows are made anew';


# ---- nobody's name or phone, and a key that was deleted is gone

sub found {
    my ($what) = @_;

    return index(Wenming::Site::read_file($file), Encode::encode('UTF-8', $what))
           >= 0;
}

is_deeply [grep { found($_) } $NAME, '备注1', sort keys %{$site->{phones}}],
          [], 'no name, phone or note is in the file';
ok found('讲得好'), 'but what was shown is (so the search finds things)';
ok found('WRAPPED-KEY-OF-A-PERSON'), 'and the wrapped key of a person';

commit([['DEL', 'person:' . 'A' x 16]]);
archived('SQLite', 'a person is deleted');
ok !found('WRAPPED-KEY-OF-A-PERSON'), 'the wrapped key is in no page any more';
equal('SQLite', 'a person is deleted');


# somebody is forgotten, as he asked

my ($gone) = map { $_->{person} }
             @{$residents[3]->get('api/me/enrolments')->json->{items}};
my $wrapped = $site->redis->call('HGET', $site->key("person:$gone"), 'key');


sub kept {
    return index(Wenming::Site::read_file($file), $wrapped) >= 0;
}

ok kept(), 'the key of somebody who was there is in the file';
is(($site->tool(\(Encode::encode('UTF-8', "$NAME\n") . $site->phone(3)
                  . "\n"), 'person', 'forget', '--yes'))[0], 0,
   'he is forgotten');
archived($_, 'somebody is forgotten') for sort keys %to;
ok !kept(), 'his key is in no page of the file any more';
equal($_, 'somebody is forgotten') for sort keys %to;
is_deeply [query('SQLite', "SELECT COUNT(*) FROM people WHERE id = '$gone'"),
           query('SQLite', 'SELECT attended FROM report_events '
                 . "WHERE id = '$events[0]'")], [0, 4],
          'totals stay, the rest goes';


# ---- rebuilt

my @skipped = qw(/api/c/{token} /api/c /api/screen/{event} /api/health
    /api/me/card /api/metrics /api/staff/events/{id}/code /api/staff/events/{id}/qr.svg
    /api/staff/events/{id}/qr.png
    /api/staff/security);               # of this moment


sub addresses {
    my $doc = JSON::PP->new->utf8->decode(
        Wenming::Site::read_file("$root/docs/api/openapi.json"));
    my %skip = map { $_ => 1 } @skipped;
    my @paths;

    for my $path (sort keys %{$doc->{paths}}) {
        next if !$doc->{paths}{$path}{get} || $skip{$path};

        my @ids = $path !~ /\{/ ? ''
                : $path =~ m{/events/\{id\}} ? @events
                : $path =~ m{/orders/\{id\}} ? @orders
                : $path =~ m{/wishes/\{id\}} ? @wishes
                : $path =~ m{/courses/\{id\}} ? ('law-01', 'theory-01') : ();

        # others' parameters are not known here; their lists are
        push @paths, map { my $p = $path; $p =~ s{^/}{}; $p =~ s/\{\w+\}/$_/;
                           $p } @ids;
    }

    return @paths;
}


sub answers {
    my (%who) = @_;

    my %answers;

    for my $name (sort keys %who) {
        for my $path (addresses()) {
            my $r = $who{$name}->get($path);

            # a pass for the screen, and the number to type in its place, are
            # made when they are asked for, and good until some minutes later;
            # when an archive took an event is said once it has run again

            $answers{"$name: $path"} = "$r->{status} $r->{body}"
                                       =~ s/pass=\w+/pass=/gr
                                       =~ s/"code":"\K\d+(?:-\d+)+//gr
                                       =~ s/"valid_until":"\K[^"]*//gr
                                       =~ s/"archived_at":"\K[^"]*//gr;
        }
    }

    return \%answers;
}


sub everybody {
    return (stranger => $site->browser, worker => $site->staff,
            clerk => $site->staff(unit => 'wenyilu'),
            lead => $site->staff(unit => 'wenyilu', role => 'lead',
                                 team => 'wenyilu-squad'),
            map { ("resident $_" => $residents[$_]) } 0 .. $#residents);
}


my $before = answers(everybody());
my ($good, $bad) = map { my $n = $_; scalar grep { /^$n/ } values %$before }
                   200, 5;

cmp_ok $good, '>', 60, "answers before: $good";
is $bad, 0, 'and no 5xx';
archived($_, 'before the loss') for sort keys %to;

my $state = redis_state($site->redis);
my $journal = redis_journal($site->redis);
my $head = $site->redis->call('GET', $site->key('head'));

($rc, $said) = $site->tool('restore', '--from', @{$to{SQLite}});
is $rc, 1, 'a Redis with data is refused';
like $said, qr/has data of the district furong already/, 'with a reason';
is_deeply redis_state($site->redis), $state, 'and left as it was';

$site->stop_nginx;

for my $kind (sort keys %to) {
    $site->redis->call('FLUSHALL');
    $site->redis->call('SET', $site->key('event_number'), 3);
    is(($site->tool('restore', '--from', @{$to{$kind}}))[0], 1,
       "$kind: one key of the district is too much");
    is_deeply $site->redis->call('KEYS', '*'), [$site->key('event_number')],
              "$kind: and nothing was written";

    # one that was killed begins anew

    $site->redis->call('FLUSHALL');
    $site->redis->call('SET', $site->key('head'), 'restoring X');
    $site->redis->call('SET', $site->key('rest'), 'of it');

    ($rc, $said) = $site->tool('restore', '--from', @{$to{$kind}});
    is $rc, 0, "$kind: restored" or diag $said;
    is_deeply redis_state($site->redis), $state, "$kind: every key is back";
    is_deeply redis_journal($site->redis), $journal, "$kind: and every entry";
    is $site->redis->call('GET', $site->key('head')), $head,
       "$kind: and the chain's head";
    is(($site->tool('audit'))[0], 0, "$kind: the journal is whole");
    cmp_ok $site->redis->call('GET', $site->key('event_number')), '>=',
           $events[-1], "$kind: the next event gets a number of its own";
}

$site->start_nginx;

my $after = answers(everybody());

is_deeply [grep { $after->{$_} ne $before->{$_} } sort keys %$before], [],
          'every answer is the one from before, byte for byte'
    or diag map { "$_\n$before->{$_}\n$after->{$_}\n" }
            (grep { $after->{$_} ne $before->{$_} } sort keys %$before)[0];

grow(3);
archived('SQLite', 'the chain goes on');
equal('SQLite', 'after a restore');
is(($site->tool('audit'))[0], 0, 'and is whole');


# ---- killed at any moment

sub follow {
    my ($kind, $log) = @_;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $log || '/dev/null';
        open STDERR, '>&', \*STDOUT;
        exec "$Wenming::Site::BUILD/wenming", '--redis',
             "unix:$site->{socket}", '--district', 'furong', 'archive',
             '--follow', '--to', @{$to{$kind}} or POSIX::_exit(127);
    }

    return $pid;
}

for my $kind (sort keys %to) {
    for my $n (1 .. $KILLS) {
        my $pid = follow($kind);

        grow(3);
        sleep rand 0.06;
        grow(1) if $n % 3 == 0;
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }

    for my $when (qw(applied committed acknowledged)) {
        grow(2);
        local $ENV{WENMING_TEST_KILL} = $when;
        is((archive($kind))[0], 128 + 9, "$kind: killed when $when");

        my $sql = (query($kind, 'SELECT number FROM archive'))[0];
        my ($id) = query($kind, 'SELECT id FROM archive');
        my ($told) = split / /, $site->redis->call('HGET',
                                                   $site->key('archived'), $id);
        my ($last) = split / /, $site->redis->call('GET', $site->key('head'));

        is join(' ', $last - $sql > 0 ? 'new' : 'old', $told <=> $sql),
           { applied => 'new 0', committed => 'old -1',
             acknowledged => 'old 0' }->{$when},
           "$kind: Redis is told what SQL has, and not before";
    }

    archived($kind, "killed $KILLS times");
    equal($kind, "killed $KILLS times");
}


# ---- PostgreSQL is restarted in the middle

my $pid = follow('PostgreSQL', "$dir/follow.log");


sub caught_up {
    my $number = (split / /, $site->redis->call('GET',
                                                $site->key('head')))[0];

    return (query('PostgreSQL', 'SELECT number FROM archive'))[0] == $number;
}

grow(5);
ok $site->until(10, \&caught_up), 'a follower keeps up';
$pg->control('restart', '-m', 'immediate');
grow(5);
ok $site->until(20, \&caught_up), 'also after PostgreSQL was restarted'
    or diag Wenming::Site::read_file("$dir/follow.log");
($rc, $said) = archive('PostgreSQL');
is $rc, 1, 'there is one archiver at a time';
like $said, qr/another archiver is at work/, 'and the second is told';
$site->stop_redis('KILL');
$site->start_redis;
$site->until(4, sub { eval { grow(1); 1 } });
ok $site->until(20, \&caught_up), 'and after Redis was'
    or diag Wenming::Site::read_file("$dir/follow.log");
# Redis is full: what is in the journal still gets away

kill 'STOP', $pid;
grow(2);
$site->redis->call('CONFIG', 'SET', 'maxmemory', 1);
kill 'CONT', $pid;
ok $site->until(10, \&caught_up), 'and while Redis is out of memory';
$site->redis->call('CONFIG', 'SET', 'maxmemory', 0);
kill 'TERM', $pid;
waitpid $pid, 0;
equal('PostgreSQL', 'restarted');
archived('PostgreSQL', 'how far it is can be noted again');


# ---- progress: for somebody who looks on, and nobody else

{
    my @words = ("$Wenming::Site::BUILD/wenming", '--redis',
                 "unix:$site->{socket}", '--keys', $site->{keys},
                 '--district', 'furong', 'archive', '--to');

    grow(3);

    my $all = ($site->journal)[-1]{number};

    ($rc, $said) = Wenming::Site::run('script', '-qec',
                                      "@words @{$to{SQLite}}", '/dev/null');
    is $rc, 0, 'on a terminal' or diag $said;

    my @seen = $said =~ /\r(\d+) of (\d+) entries/g;

    ok @seen >= 2, 'it says how far it is' or diag $said;
    is "$seen[-2] of $seen[-1]", "$all of $all", 'up to the end';

    ($rc, $said) = Wenming::Site::run(@words, @{$to{PostgreSQL}});
    is $rc, 0, 'and without one' or diag $said;
    unlike $said, qr/\r|\d+ of \d+ entries/, 'nothing of it for a log file';
}


# ---- trimmed only behind what both have

my $length = $site->journal_length;

grow(4);
archived('SQLite', 'more');
($rc, $said) = archive('SQLite', '--trim-beyond', 1);
is $rc, 0, 'trimmed' or diag $said;
is $site->journal_length, 5, 'what PostgreSQL has not is left';
archive('PostgreSQL', '--trim-older', '1d');
is $site->journal_length, 5, 'what is young is left';
archive('PostgreSQL', '--trim-beyond', 3);
is $site->journal_length, 3, 'and as many as are wanted';
is(($site->tool('audit'))[0], 0, 'the rest is whole');

# nor what notifications have not read

commit([['HSET', 'notify', 'cursor', redis_journal($site->redis)->[1]
                                     =~ /^([^|]+)/]]);
archived($_, 'with a cursor') for sort keys %to;
archive('SQLite', '--trim-beyond', 1);
is $site->journal_length, 3, 'what notifications wait for is left';
commit([['HDEL', 'notify', 'cursor']]);
archived('PostgreSQL', 'without it');
archive('SQLite', '--trim-beyond', 1);
is $site->journal_length, 1, 'and goes when they are done';
grow(2);
archived($_, 'after a trim') for sort keys %to;
is_deeply all_rows('SQLite'), all_rows('PostgreSQL'),
          'both have the same rows in the end';


# ---- a broken chain

grow(2);

my $redis = $site->redis;
my $key = $site->key('journal');
my @entries = @{$redis->call('XRANGE', $key, '-', '+')};
my $kept = (query('SQLite', 'SELECT number FROM archive'))[0];


sub put_back {
    $redis->call('DEL', $key);
    $redis->call('XADD', $key, $_->[0], @{$_->[1]}) for @_;

    return;
}

for my $case (['w', sub { $_[0] =~ s/ order\.submit / order.cancel /r }],
              ['e', sub { $_[0] =~ s/law-01/law-02/r }])
{
    my ($field, $change) = @$case;
    my @forged = map { [$_->[0], [@{$_->[1]}]] } @entries;
    my %f = @{$forged[-1][1]};

    $f{$field} = $change->($f{$field});
    $forged[-1][1] = [w => $f{w}, e => $f{e}];
    put_back(@forged);

    ($rc, $said) = archive('SQLite', '--trim-beyond', 1);
    is $rc, 1, "$field was changed: the archiver stops";
    like $said, qr/cannot be archived further: entry \d+/, 'and says where';
    is $site->journal_length, scalar @entries, 'nothing is trimmed';
    is((query('SQLite', 'SELECT number FROM archive'))[0], $kept + 1,
       'what came before is kept');
}

put_back(@entries[0 .. $#entries - 2]);
($rc, $said) = archive('PostgreSQL');
is $rc, 1, 'the end is missing: it stops';
like $said, qr/entries behind \d+ are missing: the key head says \d+/,
     'and says so';
put_back(grep { $_ != $entries[-2] } @entries);
($rc, $said) = archive('PostgreSQL');
is $rc, 1, 'one is missing in the middle: it stops';
like $said, qr/entry \d+ stands where \d+ should/, 'and says which';
put_back(@entries);
archived($_, 'mended') for sort keys %to;


# ---- what is refused

sub refused {
    my ($name, $like, @words) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($code, $text) = $site->tool(@words);

    ok $code == 1 || $code == 2, $name;

    return like $text, $like, "$name: why";
}

refused('another scheme', qr/sqlite:PATH or postgresql:/, 'archive', '--to',
        'mysql://x');
refused('a file that is none', qr/must not begin with ":"/, 'archive', '--to',
        'sqlite::memory:');
refused('a password in an address', qr/--archive-password-file/, 'archive',
        '--to', 'postgresql://a:b@/furong');
refused('no archive',
        qr/--to sqlite:PATH or postgresql:.* is needed, or "archive/,
        'archive');

for my $reads (qw(report export restore)) {
    refused("$reads of none",
            qr/--from sqlite:PATH or postgresql:.* is needed, or "archive/,
            $reads);
    refused("$reads of a file's name", qr/--from is no archive: .* sqlite:PATH/,
            $reads, '--from', "$dir/none.db");
    refused("$reads of what the configuration has",
            qr/--archive is no archive: .* sqlite:PATH/, $reads, '--archive',
            "$dir/none.db");
    refused("$reads, where the first is wrong", qr/--from is no archive/,
            $reads, '--archive', "sqlite:$dir/none.db", '--from', 'none.db');
    refused("$reads with an option for an address",
            qr/--from needs a value/, $reads, '--from', '--archive',
            "sqlite:$dir/none.db");
}

refused('a restore from nothing', qr/No such file/, 'restore', '--from',
        "sqlite:$dir/none.db");
refused('half a time', qr/such as 90d/, 'archive', '--to', @{$to{SQLite}},
        '--trim-older', '9x');
chmod 0644, $file;
refused('a file for all to read', qr/chmod 600/, 'archive', '--to',
        @{$to{SQLite}});
chmod 0600, $file;

{
    local $site->{district} = 'yuelu';
    refused('another district', qr/of the district furong/, 'archive', '--to',
            @{$to{SQLite}});
}

Wenming::Site::write_file("$dir/wenming.conf",
    "archive $to{PostgreSQL}[0];\narchive-password-file "
    . $pg->password_file . ";\n");
is(($site->tool('archive', '--config', "$dir/wenming.conf"))[0], 0,
   'the configuration file names an archive too');

# a damaged archive is no source

{
    sqlite("INSERT INTO state_string (name, value) VALUES (x'68656164', "
           . "x'30')");
    $site->stop_nginx;
    $redis->call('FLUSHALL');
    refused('a head in the state', qr/of a key that no archive has/,
            'restore', '--from', @{$to{SQLite}});
    like $redis->call('GET', $site->key('head')), qr/^restoring /,
         'nobody can write to what is half';
    sqlite("DELETE FROM state_string WHERE name = x'68656164'");
    is(($site->tool('restore', '--from', @{$to{SQLite}}))[0], 0,
       'the same command ends it');
}

sqlite("UPDATE journal SET e = x'90' WHERE number = 5");
$site->stop_nginx;
$redis->call('FLUSHALL');
refused('a damaged archive', qr/damaged behind entry 4/, 'restore', '--from',
        @{$to{SQLite}});
is_deeply $redis->call('KEYS', '*'), [], 'nothing was written';

end();
