use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Wenming::Fake;

# What breaks modules like this one: a Redis that is away, slow or strange,
# clients that leave, bodies in pieces, reloads.

my $site = site(redis => 0, import => 0, workers => 2,
                http => ['wenming_redis_timeout 1500ms;']);
my $web = $site->browser;
my $root = $Wenming::Site::ROOT;


sub unavailable {
    my ($r, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    problem($r, 503, 'unavailable', undef, $name);
    like $r->header('retry-after'), qr/^\d+$/, "$name: Retry-After";
    cmp_ok $r->{took}, '<', 2, sprintf '%s: within 2 s (%.2f)', $name,
           $r->{took};

    return;
}


# Eight answers that no cache can give: of courses that are not there.

my $fresh = 0;


sub asked {
    return grep { $_->{status} == 404 } at_once(map { [
        $web, 'GET', 'api/courses/none-' . ++$fresh, timeout => 3 ] } 1 .. 8);
}


sub redis {
    my $redis = $site->redis;

    $redis->call(qw(CLIENT SETNAME test));

    return $redis;
}


# How many connections Redis has from elsewhere.

sub connections {
    my $list = eval { redis()->call(qw(CLIENT LIST)) } || '';

    return scalar(() = $list =~ / name= /g);
}


# How long until every worker is good again, at most 6 s.

sub recovers {
    my ($name, $limit) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $began = time;

    $site->until(6, sub { connections() == 2 && asked() == 8 });

    cmp_ok time - $began, '<', $limit,
           sprintf '%s: back after %.2f s', $name, time - $began;

    return;
}


sub alive {
    my ($name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is scalar(asked()), 8, "$name: requests are answered";
}


# ---- no Redis

unavailable($web->get('api/menu'), 'no Redis at the start');
unavailable($web->get('api/courses/law-01'), 'for every read');
unavailable($web->post('api/orders', json => {
    course => 'x', unit => 'y', wanted => ['2100-01-01'], head_count => 1,
    contact_name => '甲', phone => $site->phone(1) }), 'for a write');
page($web->get('menu'), 503, ['系统暂时繁忙'], 'the page says so');
is $web->get($site->asset('desk.css'))->{status}, 200, 'nginx serves its files';
ok $web->get('api/health')->{status} =~ /^(?:200|503)$/, 'health answers';

$site->start_redis;
$site->import_data("$root/demo/data");
recovers('Redis has started', 1.2);

my $event = $site->event;


# ---- Redis is killed, closed, restarted

$site->stop_redis('KILL');
unavailable($web->get('api/courses/law-09'), 'Redis is killed');
$site->start_redis;
recovers('Redis is there again', 1.2);
is $web->get("api/events/$event")->{status}, 200, 'with its data';

for my $n (1 .. 3) {
    $site->redis->call(qw(CLIENT KILL TYPE normal SKIPME yes));
    sleep 0.05 * $n;
    $site->until(1, sub { connections() == 2 && asked() == 8 });
    is $web->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu', head_count => 1, note => '',
        wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
        contact_name => '甲', phone => $site->phone(1) })->{status}, 201,
       "all connections closed, $n: a write works";
}

recovers('connections are closed', 1.2);


# ---- something else on its socket

for my $how (qw(loading silent rubbish half hangup oom noauth)) {
    $site->stop_redis('TERM') if $site->{redis_pid};

    my $fake = Wenming::Fake->start($site->{socket}, $how);

    sleep 0.6;                          # workers have found it by now
    my @all = at_once(map { [$web, 'GET', "api/courses/other-$how-$_",
                             timeout => 5] } 1 .. 6);
    my @wrong = grep { $_->{status} !~ /^50[03]$/ || $_->{took} > 2.2 } @all;

    ok !@wrong, "a Redis that is $how: 503, in time"
        or diag map { "$_->{status} $_->{error} after $_->{took}\n" } @wrong;

    my $r = $web->post('api/orders', timeout => 5, json => {
        course => 'law-01', unit => 'wenyilu', head_count => 1, note => '',
        wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
        contact_name => '甲', phone => $site->phone(1) });

    ok $r->{status} =~ /^50[03]$/ && $r->{took} < 4,
       "and for a write: $r->{status} after " . sprintf '%.2f', $r->{took};
    $fake->stop;
}

$site->start_redis;
recovers('the real one is back', 3);


# ---- a Redis that is slow: nobody else waits

{
    my $redis = redis();

    $redis->send('DEBUG', 'SLEEP', '1.0');
    sleep 0.05;

    my @css = at_once(map { [$web, 'GET', $site->asset('desk.css')] } 1 .. 4);

    ok !(grep { $_->{status} != 200 || $_->{took} > 0.4 } @css),
       'while Redis sleeps a second, files are served at once';

    my $r = $web->get('api/courses/none-slow');

    is $r->{status}, 404, 'a request waits for it';
    $redis->read;

    $redis->send('DEBUG', 'SLEEP', '3.0');
    sleep 0.05;
    unavailable($web->get('api/courses/none-slower'), 'but not for ever');
    $redis->read;
    recovers('Redis has slept three seconds', 2);
}


# ---- clients that leave

{
    my $redis = redis();
    my @sockets;

    $redis->send('DEBUG', 'SLEEP', '0.7');
    sleep 0.05;

    for my $i (1 .. 60) {
        my $s = $web->open;
        print $s $i % 2 ? $web->bytes_of('GET', "api/courses/gone-$i")
                        : $web->bytes_of('POST', 'api/orders', json => {
            course => 'law-01', unit => 'wenyilu', head_count => 1,
            wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
            contact_name => '甲', phone => $site->phone(1), note => '' });
        push @sockets, $s;
    }

    sleep 0.2;
    close $_ for @sockets;
    $redis->read;
    alive('sixty clients left while Redis slept');

    for my $i (1 .. 40) {
        my $bytes = $web->bytes_of('POST', 'api/orders',
                                   json => { note => 'x' x 3000 });
        my $s = $web->open;
        print $s substr $bytes, 0, 100 + 70 * $i;
        close $s;
    }

    alive('forty clients left within their body');
}


# ---- bodies in pieces

for my $extra ([], ['client_body_buffer_size 1k;'],
               ['client_body_in_file_only clean;'],
               ['client_body_in_single_buffer on;',
                'client_body_buffer_size 512;'])
{
    my $name = $extra->[0] || 'as usual';

    @{$site->{location}} = @$extra;
    $site->reload;
    sleep 0.5;

    for my $size (1, 7, 900, 5000) {
        my %order = (
            course => 'law-01', unit => 'wenyilu', head_count => 1,
            wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
            contact_name => '甲', phone => $site->phone(1),
            note => '字' x ($size > 7 ? 300 : 3));
        my $r = $web->post('api/orders', json => \%order, chunked => $size);

        is $r->{status}, 201, "$name: chunks of $size";
        $r = $web->post('api/orders', json => \%order,
                        headers => { Expect => '100-continue' });
        is $r->{status}, 201, "$name: in one" if $size == 900;
    }

    my $bytes = $web->bytes_of('POST', 'api/orders', json => {
        course => 'law-01', unit => 'wenyilu', head_count => 1,
        wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
        contact_name => '甲', phone => $site->phone(1), note => '慢' });
    my $s = $web->open;

    while (length $bytes) {
        print $s substr $bytes, 0, 60, '';
        sleep 0.01;
    }

    is $web->read_answer($s, method => 'POST')->{status}, 201,
       "$name: a slow one";
}

@{$site->{location}} = ();


# ---- reload with requests in flight

{
    my @old = $site->worker_pids;
    my $redis = redis();

    $redis->send('DEBUG', 'SLEEP', '1.0');
    sleep 0.05;

    my @sockets = map {
        my $s = $web->open;
        print $s $web->bytes_of('GET', "api/courses/reload-$_");
        $s;
    } 1 .. 6;

    sleep 0.1;
    $site->reload;
    $redis->read;

    is join(' ', map { $web->read_answer($_)->{status} } @sockets),
       '404 404 404 404 404 404', 'a reload cuts nobody off';

    my $gone = $site->until(5, sub {
        my %now = map { $_ => 1 } $site->worker_pids;
        !grep { $now{$_} } @old;
    });

    ok $gone, 'five seconds later no old worker is left';
    alive('after the reload');
}

# a slow body over a reload: the old worker has to write once more

{
    my $bytes = $web->bytes_of('POST', 'api/orders', json => {
        course => 'law-01', unit => 'wenyilu', head_count => 1,
        wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
        contact_name => '甲', phone => $site->phone(1), note => '慢' });
    my @old = $site->worker_pids;
    my $s = $web->open;

    print $s substr $bytes, 0, length($bytes) - 5, '';
    sleep 0.2;
    $site->reload;
    sleep 1.5;
    $site->redis->call(qw(CLIENT KILL TYPE normal SKIPME yes));
    sleep 0.1;
    print $s $bytes;
    is $web->read_answer($s, method => 'POST')->{status}, 201,
       'an old worker that lost its connection still ends its last request';
    close $s;
    ok $site->until(5, sub {
        my %now = map { $_ => 1 } $site->worker_pids;
        !grep { $now{$_} } @old;
    }), 'and goes';
}

for (1 .. 5) {
    $site->reload;
    sleep 0.1;
}

ok $site->until(8, sub { $site->worker_pids == 2 }),
   'five reloads in a row leave two workers';
alive('after five reloads');
ok $site->until(5, sub { connections() == 2 }),
   'and one connection to Redis for each';


# ---- a long reply, and a worker that was stopped in the middle of it

{
    my $big = site(workers => 1, import => 0);
    my $dir = "$big->{dir}/data";

    mkdir $dir;

    for my $name (qw(practices projects units)) {
        system 'cp', "$root/demo/data/$name.csv", $dir;
    }

    Wenming::Site::write_file("$dir/courses.csv", join '',
        "id,title,practice,project,provider,summary,duration_min,audience\n",
        map { sprintf "many-%04d,第%d课,theory,theory,区委党校,%s,60,居民\n",
              $_, $_, '长' x 60 } 1 .. 400);
    $big->import_data($dir);

    my $size = $big->redis->call('HVALS', $big->key('courses'));
    $size = length join '', @$size;
    cmp_ok $size, '>', 80_000, "a reply of $size bytes";

    my ($pid) = $big->worker_pids;
    my $far = $big->browser;

    for my $wait (0, 0.001, 0.003, 0.01) {
        sleep 1.1;                      # longer than any cache

        my $s = $far->open;

        print $s $far->bytes_of('GET', 'api/menu');
        sleep $wait;
        kill 'STOP', $pid;
        sleep 0.3;
        kill 'CONT', $pid;

        my $r = $far->read_answer($s, timeout => 5);

        is scalar(@{$r->json->{items} || []}), 400,
           "stopped after $wait s: all of it came";
    }

    # by a client that reads slowly

    my $s = $far->open;
    setsockopt $s, Socket::SOL_SOCKET(), Socket::SO_RCVBUF(), 2048;
    print $s $far->bytes_of('GET', 'menu');
    my $got = '';
    while (sysread $s, my $piece, 4096) {
        $got .= $piece;
        sleep 0.002;
    }
    like $got, qr{</html>\s*$}, 'a slow reader gets all of it';
}


# ---- a worker that dies

{
    my ($pid) = $site->worker_pids;

    push @{$site->{expect}}, qr/exited on signal 9/;
    kill 'KILL', $pid;
    ok $site->until(5, sub { $site->worker_pids == 2 }), 'it is replaced';
    recovers('a worker was killed', 2);
}

end();
