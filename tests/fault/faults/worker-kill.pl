# A worker of nginx is killed in the middle of everything.

package Fault::Made::worker_kill;

use strict;
use warnings;
use utf8;

[ {
    name => 'worker-kill',
    does => 'kill -9 of a worker of nginx under load',
    short => { times => 12, ops => 8_000 },
    long => { times => 200, ops => 1_000_000, rounds => 10 },
    logs => [qr/exited on signal 9/],
    strike => sub {
        my ($field) = @_;

        my $site = $field->site;
        my @pids = $site->worker_pids;
        my $pid = $pids[rand @pids];

        kill 'KILL', $pid;

        $site->until(5, sub {
            my @now = $site->worker_pids;
            @now == 2 && !grep { $_ == $pid } @now;
        }) or die "the worker is not replaced\n";
    },
    seen => sub {
        my ($field) = @_;

        my $s = $field->{sum};

        return (sprintf('%d tries failed, %d at most of one operation',
                        $s->{failed}, $s->{tries} - 1),
                $s->{failed} ? () : 'nothing was lost on the way');
    },
} ];
