# Redis has no memory left (maxmemory, noeviction), and has some again.

package Fault::Made::memory;

use strict;
use warnings;
use utf8;

use Time::HiRes qw(sleep);

sub errors {
    my ($redis) = @_;

    my ($n) = $redis->call('INFO', 'errorstats')
              =~ /^errorstat_OOM:count=(\d+)/m;

    return $n || 0;
}


[ {
    name => 'redis-oom',
    does => 'Redis runs out of memory under noeviction',
    short => { times => 3, ops => 6_000 },
    long => { times => 100, ops => 200_000, rounds => 4 },
    strike => sub {
        my ($field) = @_;

        my $site = $field->site;
        my $redis = $site->redis;
        my ($used) = $redis->call('INFO', 'memory') =~ /^used_memory:(\d+)/m;
        my $before = errors($redis);

        $redis->call('CONFIG', 'SET', 'maxmemory', $used + 100_000);
        my $hit = $site->until(20, sub { errors($redis) > $before });
        sleep 0.4;
        $redis->call('CONFIG', 'SET', 'maxmemory', 0);
        die "Redis never ran out of memory\n" if !$hit;
    },
    seen => sub {
        my ($field) = @_;

        my $s = $field->{sum};

        return (sprintf('%d answers 503, one took %.1f s at most',
                        $s->{f503} || 0, $s->{slowest_ms} / 1000),
                $s->{f503} ? () : 'nobody was refused');
    },
} ];
