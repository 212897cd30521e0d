# Redis is behind a network of its own (a network namespace, two ends of a
# cable), and the cable is cut: packets vanish, nobody says so.

package Fault::Made::network;

use strict;
use warnings;
use utf8;

use Time::HiRes qw(sleep);

my $ns = "wmf$$";                       # its name, and that of our end
my $net = sprintf '10.%d.%d', 200 + $$ % 50, $$ / 50 % 250;
my $wrapper;


sub ip {
    my (@words) = @_;

    my ($rc, $said) = Wenming::Site::run('ip', @words);

    return $rc == 0 ? undef : "ip @words: $said";
}


sub no_network {
    return 'only root may make a network' if $> != 0;
    return 'iproute2 is not installed' if !grep { -x "$_/ip" }
                                           split /:/, $ENV{PATH};

    my $wrong = ip('netns', 'add', "$ns-try")
        || ip('link', 'add', "$ns-t", 'type', 'veth', 'peer', 'name',
              "$ns-u");

    ip('link', 'del', "$ns-t");
    ip('netns', 'del', "$ns-try");

    return $wrong && "this machine makes no network: $wrong";
}


sub lay {
    for my $words (["netns add $ns"],
                   ["link add $ns type veth peer name r netns $ns"],
                   ["addr add $net.1/24 dev $ns"], ["link set $ns up"],
                   ["-n $ns addr add $net.2/24 dev r"],
                   ["-n $ns link set r up"], ["-n $ns link set lo up"])
    {
        my $wrong = ip(split / /, $words->[0]);
        die "$wrong\n" if $wrong;
    }

    $wrapper = File::Temp::tempdir('/tmp/wmnet.XXXXXX', CLEANUP => 1);
    Wenming::Site::write_file("$wrapper/redis-server", <<"END", 0755);
#!/bin/sh
exec ip netns exec $ns /usr/bin/redis-server "\$@"
END
    $ENV{PATH} = "$wrapper:$ENV{PATH}";

    return (redis_conf => ['port 6379', "bind $net.2", 'protected-mode no'],
            wenming => ["wenming_redis redis://$net.2:6379;",
                        'wenming_keys {{dir}}/keys;',
                        'wenming_checkpoints {{dir}}/checkpoints;']);
}


sub clear {
    $ENV{PATH} =~ s/^\Q$wrapper\E:// if $wrapper;
    ip('link', 'del', $ns);
    ip('netns', 'del', $ns);

    return;
}


# Either end; for less and for more than a request waits.

sub cut {
    my ($field, $n) = @_;

    my @end = $n % 2 ? ('link', 'set', $ns) : ('-n', $ns, 'link', 'set', 'r');
    my @none = ('route', 'add', 'blackhole', "$net.2/32");

    ip(@end, 'down');
    ip(@none) if $n % 2;                # or another network might have it
    sleep((0.3, 2, 7)[$n % 3]);
    ip('route', 'del', 'blackhole', "$net.2/32") if $n % 2;
    ip(@end, 'up');

    return;
}


sub seen {
    my ($field) = @_;

    my $s = $field->{sum};

    return (sprintf('%d tries failed, an answer took %.1f s at most',
                    $s->{failed}, $s->{slowest_ms} / 1000),
            $s->{failed} ? () : 'nothing was lost on the way',
            $s->{slowest_ms} >= 2000 ? 'an answer took too long' : ());
}


[ {
    name => 'network',
    does => 'the network between nginx and Redis is cut, and comes back',
    needs => \&no_network,
    short => { times => 3, ops => 5_000 },
    long => { times => 100, ops => 200_000, rounds => 4 },
    load => { pause => 100, rate => 1500 },
    site => \&lay,
    after => \&clear,
    strike => \&cut,
    seen => \&seen,
} ];
