use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# wenming retain: what was kept for long enough loses whom it was of, in Redis
# and in SQL, and no figure changes.

use JSON::PP ();
use POSIX ();

use Wenming::Life;
use Wenming::Race;

my $site = site();
my $life = Wenming::Life->live($site);
my $redis = $site->redis;
my $dir = $site->{dir};
my ($o, $e, $w) = @$life{qw(orders events wishes)};
my $r = $life->{residents};

Wenming::Life::good($r->[0]->post("api/wishes/$w->[0]/withdraw", json => {}));

my @person = map { $redis->call('HGET', $site->key("order:$_"), 'person') }
             @$o;
my ($gone, $other) = @person[0, 5];

# everything but the event of others is of years ago

$life->age(800, (map { "order:$_" } @$o), (map { "wish:$_" } @$w),
           (map { "event:$_" } @$e[0, 1]), map { "person:$_" } @person);

my $old = int((time - 800 * 86_400) * 1000);

$life->commit(
    ['HSET', 'outbox', "1-0.seat_given.$gone",
     "seat_given:$gone:$e->[1]::0:1:9:500",
     "2-0.seat_given.$gone", "seat_given:$gone:$e->[1]::0:1:0:0",
     "3-0.seat_given.$person[2]", "seat_given:$person[2]:$e->[1]::0:1:9:500",
     "4-0.seat_given.$person[3]", "seat_given:$person[3]:$e->[1]::0:1:9:500"],
    ['ZADD', 'outbox_dead', int(time * 1000), "1-0.seat_given.$gone"],
    ['ZADD', 'outbox_due', int(time * 1000), "2-0.seat_given.$gone"],
    ['ZADD', 'outbox_dead', $old, "3-0.seat_given.$person[2]"],
    ['ZADD', 'outbox_dead', int(time * 1000), "4-0.seat_given.$person[3]"],
    ['HSET', "reminded:$e->[1]", $gone, $old, $person[2], $old]);

my $to = $life->archives;
my $key = $redis->call('HGET', $site->key("person:$gone"), 'key');
my %log = map { $_ => Wenming::Site::write_file("$dir/audit.log-$_", 'x') }
          qw(1 2);

utime time - 800 * 86_400, time - 800 * 86_400, $log{1};

my $conf = Wenming::Site::write_file("$dir/wenming.conf", <<"END");
archive         $to->{SQLite}[0];
retain-orders   730d;
retain-wishes   730d;
retain-persons  730d;
retain-notices  90d;
retain-logs     400d;
log-files       $dir/audit.log-* $dir/none-*;
END


sub retain {
    my (@more) = @_;

    return $site->tool('retain', '--config', $conf, @more);
}


sub figures {
    my ($kind) = @_;

    my $said = $site->must('report', '--from', @{$to->{$kind}}, '--by',
                           'unit', '--format', 'json');
    my $doc = JSON::PP->new->utf8->decode($said);

    # who goes on under another id at each event is counted at each

    delete $_->{people} for @{$doc->{items}}, $doc->{total};

    return $doc;
}


sub everything {                        # all that Redis has, but the journal
    my @all;

    for my $k (@{$redis->call('KEYS', $site->key('*'))}) {
        my $type = $redis->call('TYPE', $k);

        next if $k =~ /:(?:journal|once:.*)\z/;
        push @all, $k, map { ref $_ ? @$_ : $_ } $redis->call(
            $type eq 'hash' ? ('HGETALL', $k)
            : $type eq 'zset' ? ('ZRANGE', $k, 0, -1)
            : $type eq 'set' ? ('SMEMBERS', $k) : ('GET', $k));
    }

    return join "\n", @all;
}


# ---- only said

my %figures = map { $_ => figures($_) } sort keys %$to;
my $before = $site->journal_length;
my ($rc, $said) = retain();

is $rc, 0, 'what is due' or diag $said;
like $said, qr/^orders +730d  4 due/m, 'orders that have ended';
like $said, qr/^wishes +730d  1 due/m, 'wishes';
like $said, qr/^persons +730d  2 due/m, 'persons whom nothing holds';
like $said, qr/^dead letters +90d  1 due/m, 'dead letters';
like $said, qr/^log files +400d  1 due/m, 'log files';
is $site->journal_length, $before, 'and nothing is done';
is((retain('--do', '--dry-run'))[0], 2, 'one of the two');

# ---- done

($rc, $said) = retain('--do');
is $rc, 0, 'done' or diag $said;
like $said, qr/^persons +730d  2 ended/m, 'and said';
like $said, qr/entries archived/, 'the archive follows at once';

is_deeply [map { $redis->call('EXISTS', $site->key("person:$_")) } @person],
          [0, 1, 1, 1, 1, 0, 1],
          'the records of two are gone, the others stay';
is_deeply [map { $redis->call('HGET', $site->key("order:$_"), 'person')
                 ? 1 : 0 } @$o],
          [0, 1, 0, 1, 0, 0, 1], 'orders that have ended are nobody\'s';
is_deeply [map { $redis->call('HEXISTS', $site->key("order:$_"), 'group') }
           @$o],
          [0, 1, 0, 1, 0, 0, 1], 'nor is it said whom they were for';
is $redis->call('HEXISTS', $site->key("wish:$w->[0]"), 'wish'), 0,
   'a wish has no words any more';
is $redis->call('HEXISTS', $site->key("wish:$w->[1]"), 'wish'), 1,
   'one that is open has';

my $all = everything();

is index($all, "att:$e->[0]\n$gone"), -1, 'he was nowhere';
unlike $all, qr/^(?:\S*\.)?(?:$gone|$other)$/m,
       'no field and no member is his';
unlike $all, qr/seat_given:$gone/, 'nor is anything to be told him';
is $redis->call('ZCARD', $site->key('outbox_dead')), 1,
   'an old letter is gone, a young one is not';
is $redis->call('HEXISTS', $site->key("reminded:$e->[1]"), $person[2]), 1,
   'others stay reminded';
ok !-e $log{1} && -e $log{2}, 'the old log is gone, the young one is not';

$life->archive;

for my $kind (sort keys %$to) {
    is_deeply figures($kind), $figures{$kind}, "$kind: no figure has changed";
    is_deeply [$life->query($kind, "SELECT COUNT(*) FROM people "
                            . "WHERE id IN ('$gone', '$other')")], [0],
              "$kind: the two are gone";
    is_deeply [$life->query($kind, 'SELECT COUNT(*) FROM private_field '
                            . ($kind eq 'SQLite'
                               ? "WHERE hex(name) = hex('person:$gone')"
                               : "WHERE name = 'person:$gone'::bytea"))],
              [0], "$kind: and the key";
}

is index(Wenming::Site::read_file($life->{file}), $key), -1,
   'which is in no page of the file';
isnt index(join('', map { $_->{effects} } $site->journal), $gone), -1,
     'the journal still has the id: noise without the key';

my ($order) = grep { $_->{id} eq $o->[0] }
    map { JSON::PP->new->utf8->decode($_) } split /\n/,
    $site->must('export', '--from', $to->{SQLite}[0], '--what', 'orders',
                '--personal');

is_deeply [@$order{qw(name phone note)}], ['', '', ''],
          'an export has nothing of it';

# ---- again

($rc, $said) = retain('--do');
is $rc, 0, 'again';
unlike $said, qr/ [1-9]\d* ended/, 'there is nothing left';
$site->must('audit');
is $r->[2]->get('api/me')->json->{name}, $Wenming::Life::NAME,
   'who was at an event lately is known as before';

# ---- who comes back while it is at work

my @back = map { $site->browser } 0 .. 2;

sub comes {                             # and orders, or nothing is heard
    my ($n) = @_;

    return Wenming::Life::good($back[$n]->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', head_count => 5,
        wanted => [substr Wenming::Site::iso(time + 20 * 86400), 0, 10],
        contact_name => $Wenming::Life::NAME, phone => $site->phone(50 + $_),
        note => "回来$_" }))->{id} for $n;
}


for my $n (0 .. 2) {
    my $order = comes($n);

    $person[$n] = $redis->call('HGET', $site->key("order:$order"), 'person');
    Wenming::Life::good($back[$n]->post("api/orders/$order/cancel",
                                        json => {}));
    $life->age(800, "order:$order", "person:$person[$n]");
}

my $times = 0;
my $race = Wenming::Race->start(
    path => "$dir/race.sock", redis => $site->{socket}, before => sub {
        my ($bytes) = @_;

        return if $bytes !~ /DEL.{1,9}wm:\{furong\}:person:$person[0]\W/s
                  || $times++;
        comes(0);                       # at the very last moment
        $life->commit(['HSET', "person:$person[1]", 'verified',
                       int(time * 1000)]);
    });

{
    local $site->{socket} = "$dir/race.sock";

    ($rc, $said) = retain('--do');
}

$race->stop;
is $rc, 0, 'two come back at the last moment' or diag $said;
like $said, qr/^persons +730d  1 ended/m, 'only the third is gone';
is_deeply [map { $redis->call('EXISTS', $site->key("person:$_")) }
           @person[0 .. 2]], [1, 1, 0], 'who came back has his record';

my ($again) = map { $_->{id} } grep { $_->{status} eq 'submitted' }
              @{$back[0]->get('api/me/orders')->json->{items}};

is $life->{clerk}->get("api/staff/orders/$again")->json->{note}, '回来0',
   'and what he ordered can be read';

# ---- beside an archiver that follows

my $follower = fork;
die "fork: $!" if !defined $follower;

if ($follower == 0) {
    open STDOUT, '>', "$dir/follow.log";
    open STDERR, '>&', \*STDOUT;
    exec "$Wenming::Site::BUILD/wenming", '--redis', "unix:$site->{socket}",
         '--district', 'furong', 'archive', '--follow', '--to',
         $to->{SQLite}[0] or POSIX::_exit(127);
}


sub behind {
    my ($last) = split / /, $redis->call('GET', $site->key('head'));

    return $last - ($life->query('SQLite', 'SELECT number FROM archive'))[0];
}


$site->until(10, sub { behind() == 0 });
$life->age(800, "person:$person[1]");
($rc, $said) = retain('--do');
is $rc, 0, 'an archiver that follows is no failure' or diag $said;
like $said, qr/^persons +730d  1 ended/m, 'it is done';
like $said, qr/archiver that is at work takes it over/, 'and said who goes on';
ok $site->until(10, sub { behind() == 0 }), 'who does';
is_deeply [$life->query('SQLite', "SELECT COUNT(*) FROM people "
                        . "WHERE id = '$person[1]'")], [0], 'he is gone';
kill 'KILL', $follower;
waitpid $follower, 0;

# ---- refused

for my $case (['retain-orders 0d;', qr/number of days/],
              ['retain-orders 24h;', qr/number of days/],
              ['retain-logs 100d;', qr/180d at least/],
              ['', qr/nothing has an end/])
{
    Wenming::Site::write_file($conf, $case->[0]);
    ($rc, $said) = retain('--do');
    is $rc, 2, "refused: $case->[0]";
    like $said, $case->[1], 'and why';
}

end();
