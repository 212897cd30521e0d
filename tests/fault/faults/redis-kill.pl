# Redis is killed in the middle of everything, and started again; also while
# it rewrites its log, which it does all the time here.

package Fault::Made::redis_kill;

use strict;
use warnings;
use utf8;

[ {
    name => 'redis-kill',
    does => 'kill -9 of Redis under load',
    short => { times => 5, ops => 20_000 },
    long => { times => 200, ops => 1_000_000, rounds => 10 },
    site => { redis_conf => ['auto-aof-rewrite-min-size 2mb',
                             'auto-aof-rewrite-percentage 20'] },
    strike => sub {
        my ($field) = @_;

        $field->site->stop_redis('KILL');
        $field->site->start_redis;
    },
    seen => sub {
        my ($field) = @_;

        my $s = $field->{sum};

        return (sprintf('%d tries failed, an answer took %.1f s at most',
                        $s->{failed}, $s->{slowest_ms} / 1000),
                $s->{failed} ? () : 'nothing was lost on the way');
    },
} ];
