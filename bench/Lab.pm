package Lab;

# What runs for a bench: one nginx with the module, one with the others, a
# Node server, three Redis, and wrk that asks them.

use strict;
use warnings;
use utf8;

use Digest::SHA qw(sha1_hex);
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

use Wenming::Site;

our $HERE = "$Wenming::Site::ROOT/bench";

my $SERVER = 0;                         # core of nginx's worker
my $CLIENT = 1;                         # core of wrk and Redis
my $DISTRICT = 'furong';
my $CONNECTIONS = 64;
my %FSYNC = (everysec => 'everysec', always => 'always',
             million => 'everysec');
my $json = JSON::PP->new->utf8->canonical;


sub start {
    my ($class) = @_;

    my $self = bless {}, $class;
    my $main = Wenming::Site->prepare(redis => 0, import => 0, workers => 1);

    $self->{main} = $main;

    for my $name (sort keys %FSYNC) {
        $self->start_redis($name);
    }

    $self->start_main;
    $self->start_peers;
    $self->make_events;

    return $self;
}


# All share the first one's keys and port, hence its tickets and cookies.

sub start_redis {
    my ($self, $name) = @_;

    my $site = Wenming::Site->prepare(
        redis => 0, import => 0, redis_conf => [
            "appendfsync $FSYNC{$name}", 'no-appendfsync-on-rewrite no',
            'auto-aof-rewrite-percentage 0', 'loglevel warning']);

    $site->{keys} = $self->{main}{keys};
    $site->start_redis;
    $site->import_data("$Wenming::Site::ROOT/demo/data");
    pin($site->{redis_pid}, $CLIENT);

    $self->{site}{$name} = $site;
    $self->{redis}{$name} = $site->redis;

    return;
}


sub pin {
    my ($pid, $core) = @_;

    system("taskset -a -c -p $core $pid > /dev/null") == 0
        or die "taskset cannot pin process $pid\n";

    return;
}


sub start_main {
    my ($self) = @_;

    my $main = $self->{main};
    my $dir = $main->{dir};

    $main->{port} = Wenming::Site::free_port();
    $main->{socket} = $self->{site}{everysec}{socket};
    $main->{main} = [affinity()];
    $main->{http} = [http_lines("$dir/error.log")];
    $main->{wenming} = ["wenming_keys $main->{keys};",
                        "wenming_checkpoints $dir/checkpoints;"];
    $main->{place} = [
        'location = /return200 {', '    return 200;', '}',
        'location /static/ {', "    alias $dir/static/;", '}',
        map { (
            "location ^~ /$_/ {", "    alias $dir/web/;",
            "    wenming $DISTRICT;",
            "    wenming_public_url http://127.0.0.1:{{port}}/$_;",
            "    wenming_redis unix:$self->{site}{$_}{socket};",
            "    wenming_durability $FSYNC{$_};",
            '    wenming_unlimited 127.0.0.0/8;', '}'
        ) } sort keys %FSYNC ];
    $main->{base} = '/everysec';

    mkdir "$dir/static" or die "$dir/static: $!\n";
    $main->start_nginx;

    return;
}


sub affinity {
    return sprintf 'worker_cpu_affinity %b;', 1 << $SERVER;
}


sub http_lines {
    my ($log) = @_;

    return ("error_log $log error;", 'access_log off;', 'sendfile on;',
            'tcp_nopush on;', 'keepalive_requests 1000000000;');
}


# ---- the same work written otherwise

sub start_peers {
    my ($self) = @_;

    my $main = $self->{main};
    my $peers = Wenming::Site->prepare(redis => 0, import => 0, workers => 1);
    my $dir = $peers->{dir};
    my $modules = '/usr/lib/nginx/modules';

    $self->{peers} = $peers;
    $self->write_peers_conf($dir);
    $self->start_node($dir);

    $peers->{before} = ["load_module $modules/ndk_http_module.so;",
                        "load_module $modules/ngx_http_lua_module.so;"];
    $peers->{main} = [affinity()];
    $peers->{wenming} = [];
    $peers->{http} = [
        http_lines("$dir/error.log"),
        "lua_package_path '$HERE/lua/?.lua;;';",
        "init_by_lua_block { require('checkin').init('$dir/peers.json') }",
        'upstream node {', "    server unix:$dir/node.sock;",
        '    keepalive 128;', '    keepalive_requests 1000000000;', '}'];
    $peers->{place} = [
        'location = /lua/api/c {', '    default_type application/json;',
        "    content_by_lua_block { require('checkin').handle() }", '}',
        'location /node/ {', '    proxy_pass http://node;',
        '    proxy_http_version 1.1;', '    proxy_set_header Connection "";',
        '}'];

    $peers->start_nginx;

    return;
}


# The derived keys, so that the others take the same tickets and cookies.

sub write_peers_conf {
    my ($self, $dir) = @_;

    my $main = $self->{main};
    my $seal = $main->seal;
    my ($data) = Wenming::Site::read_file($main->{keys})
                 =~ /^data \d+ \S+ active \S+ (\S+)$/m;
    my $script = "$Wenming::Site::ROOT/redis/commit.lua";
    my %from = (device => $seal, ticket => $seal);

    $from{index} = $from{wrap} = $seal->with(secret => pack 'H*', $data);

    my %keys = map { $_ => unpack 'H*', $from{$_}->derive($_) } keys %from;

    Wenming::Site::write_file("$dir/peers.json", $json->encode({
        host => $seal->{host}, district => $DISTRICT, script => $script,
        sha => sha1_hex(Wenming::Site::read_file($script)),
        socket => $self->{site}{everysec}{socket}, keys => \%keys,
        key_id => $seal->{id} + 0, listen => "$dir/node.sock" }), 0600);

    return;
}


sub start_node {
    my ($self, $dir) = @_;

    my $pid = fork;
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$dir/node.log" or POSIX::_exit(1);
        open STDERR, '>&', \*STDOUT;
        setpgrp;
        $ENV{NODE_ENV} = 'production';
        exec 'node', "$HERE/node/server.js", "$dir/peers.json"
            or POSIX::_exit(1);
    }

    $self->{node_pid} = $pid;
    $self->{owner} = $$;
    $self->{main}->until(20, sub { -S "$dir/node.sock" })
        or die "Node does not start:\n"
               . Wenming::Site::read_file("$dir/node.log");

    return;
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $!);

    if ($self->{node_pid} && $$ == $self->{owner}) {
        kill 'TERM', $self->{node_pid};
        waitpid $self->{node_pid}, 0;
    }

    return;
}


# ---- data

# Two events that are open now, the same numbers in each Redis.

sub make_events {
    my ($self) = @_;

    my $main = $self->{main};
    my %ids;

    for my $name (sort keys %FSYNC) {
        my $site = $self->{site}{$name};

        $site->{port} = $main->{port};
        my $worker = $self->sign_in($name);
        my @ids = map { $site->event(worker => $worker,
                                     end => Wenming::Site::iso(time + 14400)) }
                  1 .. 2;

        $ids{"@ids"} = 1;
        $self->{worker}{$name} = $worker;
        @$self{qw(event other)} = @ids;
    }

    die "the events have different numbers\n" if keys %ids != 1;

    return;
}


sub browser {
    my ($self, $name) = @_;

    return $self->{main}->browser(base => "/$name");
}


sub sign_in {
    my ($self, $name) = @_;

    my $site = $self->{site}{$name};
    my $file = Wenming::Site::write_file("$site->{dir}/password",
                                         "bench-password\n", 0600);

    $site->must('staff', 'add', 'bench', '--unit', 'furong', '--role',
                'worker', '--password-file', $file);

    my $worker = $self->browser($name);
    my $r = $worker->post('api/staff/session', json => {
        name => 'bench', password => 'bench-password' });

    die "the worker cannot sign in: $r->{status} $r->{error} $r->{body}\n"
        if $r->{status} != 200;

    return $worker;
}


# A file of devices with a ticket each for an event, for wrk.

sub devices {
    my ($self, $event, $n) = @_;

    my $seal = $self->{main}->seal;
    my $path = "$self->{main}{dir}/devices-$event-$n";
    my $text = '';

    return $path if -e $path;

    for my $i (1 .. $n) {
        my $device = pack 'NNn', $i, 0x77656e, 0x6d69;
        my $cookie = $seal->seal('device', pack 'CCa10a10NN',
                                 Wenming::Seal::head(), $seal->{id}, $device,
                                 "\0" x 10, 0, time);
        my $ticket = $seal->ticket(event => $event, expires => time + 3600,
                                   display => 7, device => $device);
        $text .= "wm_${DISTRICT}_device=$cookie $ticket\n";
    }

    return Wenming::Site::write_file($path, $text);
}


sub key { return "wm:{$DISTRICT}:$_[1]" }


# Persons who were there before: records and attendance as a check-in leaves
# them, with bytes of the right length where it would encrypt.

sub fill {
    my ($self, $name, $n) = @_;

    my $script = <<'END';
local att, person = KEYS[1], KEYS[2]
local first, last = tonumber(ARGV[1]), tonumber(ARGV[2])
local now, noise = ARGV[3], ARGV[4]
for i = first, last do
    local id = string.format('%016d', i)
    redis.call('HSET', person .. id, 'name', string.sub(noise, 1, 49),
               'phone', string.sub(noise, 2, 40), 'made', now,
               'key', string.sub(noise, 3, 62))
    redis.call('HSET', att, id, now .. ':0:s-:7')
end
END
    my $noise = join '', map { chr int rand 256 } 1 .. 64;

    # Redis's own journal is made from the memory afterwards, all at once

    $self->{redis}{$name}->call('CONFIG', 'SET', 'appendonly', 'no');

    for (my $i = 1; $i <= $n; $i += 20_000) {
        my $last = $i + 19_999 < $n ? $i + 19_999 : $n;
        $self->{redis}{$name}->call(
            'EVAL', $script, 2, $self->key("att:$self->{event}"),
            $self->key('person:'), $i, $last, int(time * 1000), $noise);
    }

    $self->{redis}{$name}->call('CONFIG', 'SET', 'appendonly', 'yes');
    $self->wait_for_aof($name);

    return;
}


# What reset() goes back to.

sub keep {
    my ($self, $name) = @_;

    my $redis = $self->{redis}{$name};

    $self->{kept}{$name} = [map { [$_, $redis->call('DUMP', $_)] }
                            @{$redis->call('KEYS', '*')}];

    return;
}


sub reset {
    my ($self, $name) = @_;

    my $redis = $self->{redis}{$name};
    my $kept = $self->{kept}{$name} or return;

    $redis->call('FLUSHALL', 'SYNC');

    for my $pair (@$kept) {
        $redis->call('RESTORE', $pair->[0], 0, $pair->[1]);
    }

    # the old journal of Redis itself is no load for the next measurement

    $redis->call('BGREWRITEAOF');
    $self->wait_for_aof($name);

    return;
}


sub wait_for_aof {
    my ($self, $name) = @_;

    $self->{main}->until(60, sub {
        $self->info($name, 'aof_rewrite_in_progress') == 0
            && $self->info($name, 'aof_rewrite_scheduled') == 0
    }) or die "Redis does not finish its rewriting\n";

    return;
}


sub info {
    my ($self, $name, $what) = @_;

    my ($value) = $self->{redis}{$name}->call('INFO') =~ /^$what:(\d+)/m;

    return $value;
}


sub count {
    my ($self, $name, $command, $key) = @_;

    return $self->{redis}{$name}->call($command, $self->key($key));
}


# ---- load

# Asks for so many seconds; dies when one answer was no success.

sub wrk {
    my ($self, $seconds, $script, $url, @arguments) = @_;

    local $ENV{BENCH_WRK} = "$HERE/wrk";
    my ($rc, $said) = Wenming::Site::run(
        'taskset', '-c', $CLIENT, 'wrk', '-t', 1, '-c', $CONNECTIONS, '-d',
        $seconds, '-s', "$HERE/wrk/$script.lua", $url, '--', @arguments);
    my ($line) = $said =~ /^@(.*)$/m;

    die "wrk failed on $url:\n$said\n" if $rc != 0 || !$line;

    my $r = $json->decode($line);
    my @wrong = grep { $r->{$_} > 0 } qw(status connect read write timeout);

    if (@wrong || $r->{requests} == 0) {
        die "$url did not do what was asked: "
            . join(', ', map { "$_ $r->{$_}" } 'requests', @wrong)
            . "\n" . Wenming::Site::read_file("$self->{main}{dir}/error.log")
            . Wenming::Site::read_file("$self->{peers}{dir}/error.log");
    }

    $r->{rate} = $r->{requests} / ($r->{duration} / 1e6);

    return $r;
}


sub url {
    my ($self, $path) = @_;

    my $site = $path =~ m{^/(?:lua|node)/} ? $self->{peers} : $self->{main};

    return "http://127.0.0.1:$site->{port}$path";
}


# ---- processes

sub worker_pid {
    my ($self, $site) = @_;

    return ($self->{$site}->worker_pids)[0];
}


sub cpu {                               # seconds that a process has run
    my ($pid) = @_;

    my @stat = split ' ', Wenming::Site::read_file("/proc/$pid/stat")
                          =~ s/^.*\) //sr;

    return ($stat[11] + $stat[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}


# Proportional set size without the zones that workers share, in kB.

sub private_kb {
    my ($self, $pid) = @_;

    my ($all) = Wenming::Site::read_file("/proc/$pid/smaps_rollup")
                =~ /^Pss:\s+(\d+)/m;
    my ($zones, $shared) = (0, 0);

    for my $line (split /\n/,
                  Wenming::Site::read_file("/proc/$pid/smaps"))
    {
        $shared = $line =~ m{/dev/zero} if $line =~ /^[0-9a-f]+-[0-9a-f]+ /;
        $zones += $1 if $shared && $line =~ /^Pss:\s+(\d+)/;
    }

    die "the worker's memory cannot be read\n" if !$all;

    return $all - $zones;
}


1;
