use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Nothing is lost on the way: the webhook is down or refuses, runs are killed
# at any point, two run at once, Redis dies.  Everything arrives at least
# once, under one id that never changes.

use File::Temp ();

use Wenming::Webhook;

# a server with a certificate of its own, for 127.0.0.1 and not localhost

my $tmp = File::Temp::tempdir('/tmp/wmt.XXXXXX', CLEANUP => 1);
my $tls = Wenming::Site::free_port();

chmod 0711, $tmp or die "$tmp: $!";
system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test"
       . " -addext subjectAltName=IP:127.0.0.1 -keyout $tmp/tls.key"
       . " -out $tmp/tls.pem 2>/dev/null") == 0
    or die 'no certificate';

my $site = site(http => [
    'log_format hook "$request_method $status $http_wenming_id";',
    'server {', "    listen 127.0.0.1:$tls ssl;",
    "    ssl_certificate $tmp/tls.pem;",
    "    ssl_certificate_key $tmp/tls.key;",
    "    access_log $tmp/tls.log hook;", '    return 204;', '}' ]);
my $redis = $site->redis;
my $dir = $site->{dir};
my $hook = Wenming::Webhook->start(dir => $dir);
my $secret = Wenming::Site::write_file("$dir/hook-secret",
                                       ('s' x 40) . "\n", 0600);
my $other = Wenming::Site::write_file("$dir/other-secret",
                                      ('s' x 40) . "\n", 0600);
my $worker = $site->staff(unit => 'wenyilu');
my $people = 0;
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;


sub words {
    my ($file, @more) = @_;

    return ('--url', $site->public_url, '--webhook', $hook->url,
            '--webhook-secret', $file, 'notify', @more);
}


sub notify {
    return $site->tool(words($secret, @_));
}


# Orders that are refused: each is something that somebody has to hear of.

sub rejected {
    my ($how_many) = @_;

    my @ids;

    for (1 .. $how_many) {
        my $n = ++$people;
        my ($id, $r);

        # also when Redis has just come back

        $site->until(30, sub {
            $r = $site->browser->post('api/orders', json => {
                course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
                head_count => 30, contact_name => "居民$n",
                phone => $site->phone($n) });
            $id = $r->{status} == 201 && $r->json->{id};
        }) or die "no order: $r->{status} $r->{body}";

        $site->until(30, sub {
            $r = $worker->post("api/staff/orders/$id/reject",
                               json => { reason => '原因' });
            $r->{status} == 200;
        }) or die "not rejected: $r->{status} $r->{body}";

        push @ids, $id;
    }

    return @ids;
}


# Runs beside the test; returns its process.

sub beside {
    my ($file) = @_;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec "$Wenming::Site::BUILD/wenming", '--redis',
             "unix:$site->{socket}", '--keys', $site->{keys}, '--district',
             $site->{district}, words($file)
            or POSIX::_exit(127);
    }

    return $pid;
}


# Each order was told of at least once, and always under the same id.

sub complete {
    my ($name, $came, @orders) = @_;

    my %ids;

    $ids{$_->{doc}{order}}{$_->{doc}{id}}++ for @$came;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is scalar(grep { !$ids{$_} } @orders), 0, "$name: nobody was left out";
    is scalar(grep { keys %{$ids{$_} || {}} > 1 } @orders), 0,
       'each under one id';

    return scalar grep { my $o = $_; grep { $_ > 1 } values %{$ids{$o}} }
           @orders;
}


sub later {
    return ('--now', Wenming::Site::iso(time + $_[0]));
}

notify();


# ---- the webhook is down

my @orders = rejected(12);
my $port = $hook->{port};

$hook->stop;

my ($rc, $said) = notify();

is $rc, 1, 'no webhook: the exit code says it';
like $said, qr/could not be delivered/, 'and why';
like $said, qr/^12 new, 0 sent, 4 failed/m,
     'not all of them wait for its silence';

$hook->listen_at($port);
($rc, $said) = notify(later(120));
is $rc, 0, 'it is back' or diag $said;
like $said, qr/^0 new, 12 sent/m, 'and all are delivered';

my @came = $hook->came;

complete('the webhook was down', \@came, @orders);
is scalar(@came), 12, 'once each';


# ---- it hangs

@orders = rejected(6);
$hook->answer('hang');

($rc, $said) = notify();
is $rc, 1, 'a webhook that hangs';
like $said, qr/Timeout/, 'is named';
my @ids = map { $_->{doc}{id} } $hook->came;
is scalar(@ids), 4, 'and is not waited for again and again';
$hook->answer(200);
notify(later(120));
@came = $hook->came;
complete('it hung', \@came, @orders);
is scalar(grep { my $id = $_; !grep { $_->{doc}{id} eq $id } @came } @ids), 0,
   'what was tried comes under the same id';


# ---- it refuses: later and later, then never

my ($order) = rejected(1);
my @delays = (60, 300, 1800, 7200, 28800, 86400);
my ($at, $tries) = (0, 1);

$hook->answer(500);
notify();
my ($id) = map { $_->{doc}{id} } $hook->came;

for my $delay (@delays) {
    notify(later($at + $delay - 5));
    is_deeply [$hook->came], [], "not before $delay s";
    $at += $delay * 1.1 + 5;
    notify(later($at));
    is join(' ', map { $_->{doc}{id} } $hook->came), $id, 'but then';
}

like +(notify('--dead'))[1],
     qr/^\Q$id\E  order_rejected  since \S+  status 500\n1 dead letter$/m,
     'after seven times it is a dead letter';
notify(later($at + 10 * 86400));
is_deeply [$hook->came], [], 'that is not tried again';

$hook->answer(200);
is +(notify('--retry', "$id.x"))[0], 1, 'no such letter';
like +(notify('--retry', $id))[1], qr/^1 to be tried again$/m, 'put back';
like +(notify('--dead'))[1], qr/^0 dead letters$/m, 'it is none any more';
notify();
is join(' ', map { $_->{doc}{id} } $hook->came), $id, 'and is delivered';

rejected(3);
$hook->answer(500);
notify(later($_ * 100_000)) for 0 .. 6;
like +(notify('--dead'))[1], qr/^3 dead letters$/m, 'three more';
like +(notify('--retry', 'all'))[1], qr/^3 to be tried again$/m,
     'all of them at once';
$hook->answer(200);
$hook->came;
notify();
is scalar(my @three = $hook->came), 3, 'are delivered';


# ---- a record that somebody has damaged holds up nobody else

$hook->answer(500);
@orders = rejected(3);
notify();
$redis->call('RENAME', $site->key("order:$orders[0]"), 'wm:kept');
$redis->call('SET', $site->key("order:$orders[0]"), 'x');
$redis->call('HSET', $site->key('outbox'), 'nonsense', 'x');
$redis->call('ZADD', $site->key('outbox_due'), 1, 'nonsense', 1, "no\nid");
$hook->answer(200);
$hook->came;
($rc, $said) = notify(later(120));
is $rc, 1, 'damage in the outbox: the exit code says it';
like $said, qr/WRONGTYPE/, 'and what it is';
complete('damage', [$hook->came], @orders[1, 2]);
like $said, qr/ 2 sent, 1 failed, 0 given up, 2 dropped/, 'nonsense goes';
$redis->call('DEL', $site->key("order:$orders[0]"));
$redis->call('RENAME', 'wm:kept', $site->key("order:$orders[0]"));
notify(later(3600));
complete('mended', [$hook->came], $orders[0]);


# ---- TLS: only who somebody vouches for, under the right name

sub over_tls {
    my ($host, @more) = @_;

    return $site->tool('--url', $site->public_url, '--webhook',
        "https://$host:$tls/", '--webhook-secret', $secret, 'notify', @more);
}

my ($wanted) = rejected(1);

($rc, $said) = over_tls('127.0.0.1');
like $said, qr/certificate|peer/i, 'a certificate of nobody';
like $said, qr/ 0 sent, 1 failed/, 'gets no name and number';
($rc, $said) = over_tls('localhost', '--webhook-ca', "$tmp/tls.pem",
                        later(120));
like $said, qr/ 0 sent, 1 failed/, 'nor does one for another name';
is +(stat "$tmp/tls.log")[7] || 0, 0, 'nothing was sent there';
($rc, $said) = over_tls('127.0.0.1', '--webhook-ca', "$tmp/tls.pem",
                        later(600));
is $rc, 0, 'somebody vouches for it' or diag $said;
like $said, qr/ 1 sent, 0 failed/, 'so it gets them';
like Wenming::Site::read_file("$tmp/tls.log"),
     qr/^POST 204 \S+\.order_rejected\.$wanted$/m, 'over TLS';


# ---- kill -9, again and again, at any point

@orders = rejected(120);
@came = ();

my $kills = 0;

for my $round (1 .. 60) {
    my $pid = beside($secret);

    sleep 0.001 * (1 + $round * 7 % 60);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    $kills += ($? & 127) == 9;
}

notify() for 1 .. 2;
@came = $hook->came;
cmp_ok $kills, '>', 5, "$kills runs were killed in the middle";
my $twice = complete('kill -9', \@came, @orders);
note "$twice of 120 came more than once";
is scalar(@{$redis->call('HGETALL', $site->key('outbox'))}), 0,
   'the outbox is empty';
is $redis->call('ZCARD', $site->key('outbox_due')), 0, 'and its times';


# ---- two runs at the same moment, that know nothing of each other

@orders = rejected(60);

my @pids = map { beside($_) } $secret, $other, $secret, $other;

for my $pid (@pids) {
    waitpid $pid, 0;
    is $?, 0, 'each ends well';
}

notify();
@came = $hook->came;
complete('at once', \@came, @orders);

my %n;
$n{$_->{doc}{id}}++ for @came;
is scalar(keys %n), 60, 'nobody is told of one thing under two ids';
cmp_ok scalar(grep { $_ > 2 } values %n), '==', 0,
       'runs with one secret take turns';


# ---- SIGTERM

@orders = rejected(20);
my $pid = beside($secret);
@came = ();
$site->until(20, sub { push @came, $hook->came; @came > 0 });
kill 'TERM', $pid;
waitpid $pid, 0;
is $?, 0, 'a run that is told to end ends well';
notify();
push @came, $hook->came;
complete('SIGTERM', \@came, @orders);
%n = ();
$n{$_->{doc}{id}}++ for @came;
is scalar(grep { $_ > 1 } values %n), 0, 'and leaves nothing half done';


# ---- Redis dies in the middle

@orders = rejected(60);

for my $round (1 .. 6) {
    $pid = beside($secret);
    sleep 0.008 * $round;
    $site->stop_redis('KILL');
    waitpid $pid, 0;
    $site->start_redis;
}

notify();
@came = $hook->came;
complete('Redis died', \@came, @orders);
$redis = $site->redis;
is $redis->call('ZCARD', $site->key('outbox_due')), 0, 'nothing is left';


# ---- a service

@orders = rejected(5);
$pid = fork;

if ($pid == 0) {
    open STDOUT, '>', "$dir/watch.log";
    open STDERR, '>&', \*STDOUT;
    exec "$Wenming::Site::BUILD/wenming", '--redis', "unix:$site->{socket}",
         '--keys', $site->{keys}, '--district', $site->{district},
         words($secret, '--watch', 1)
        or POSIX::_exit(127);
}

ok $site->until(30, sub { push @orders, rejected(1) if @orders == 5;
                          push @came, $hook->came;
                          my %seen = map { $_->{doc}{order} => 1 } @came;
                          !grep { !$seen{$_} } @orders }),
   '--watch delivers what was there and what comes';
$site->stop_redis('KILL');
sleep 1.5;
$site->start_redis;
push @orders, rejected(1);
ok $site->until(30, sub { push @came, $hook->came;
                          grep { $_->{doc}{order} eq $orders[-1] } @came }),
   'also when Redis was away';
kill 'TERM', $pid;
waitpid $pid, 0;
is $?, 0, 'and ends when it is told to';
like Wenming::Site::read_file("$dir/watch.log"), qr/^\d new, \d sent/m,
     'having said what it did';

# ---- many at one event, in several steps

my $event = $site->until(20, sub {      # once both workers have Redis again
    eval { $site->event(start => Wenming::Site::iso(time + 5 * 86400),
                        end => Wenming::Site::iso(time + 6 * 86400),
                        capacity => 1000, worker => $worker) } });

$people++;
$site->until(20, sub {
    $site->browser->post("api/events/$event/enrol", json => {
        name => "居民$people", phone => $site->phone($people)
    })->{status} == 201 });

$redis = $site->redis;

# the same place under other ids: of persons who have been deleted meanwhile

my ($who, $record) = @{$redis->call('HGETALL', $site->key("enrol:$event"))};
my $crowd = 450;

for my $i (1 .. $crowd) {
    my $id = sprintf '%016d', $i;

    $redis->call('HSET', $site->key("enrol:$event"), $id, $record);
}

$site->until(20, sub {
    $worker->patch("api/staff/events/$event", json => { place => '大礼堂' })
           ->{status} == 200 });

for my $round (1 .. 12) {
    $pid = beside($secret);
    sleep 0.004 * $round;
    kill 'KILL', $pid;
    waitpid $pid, 0;
}

($rc, $said) = notify();

my %told;

for my $entry (grep { $_->{verb} eq 'notify.queue' } $site->journal) {
    $told{$1}++ while $entry->{effects}
        =~ /event_changed:([0-9A-Z]{16}):$event:/g;
}

is scalar(keys %told), $crowd + 1, 'a crowd is told in steps, all of it';
is scalar(grep { $_ != 1 } values %told), 0, 'and nobody is put there twice';

($rc, $said) = $site->tool('audit');
is $rc, 0, 'the chain is whole' or diag $said;

end();
