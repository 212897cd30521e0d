# Redis stands still (SIGSTOP): it is there, and answers nobody.  Files must
# go on from the very same worker of nginx, people are told within two
# seconds, and a second after Redis goes on everything is well.

package Fault::Made::redis_stop;

use strict;
use warnings;
use utf8;

use Time::HiRes qw(sleep time);

my @spans;                              # ms: stopped, continued


sub stop {
    my ($field, $n, $seconds) = @_;

    my $pid = $field->site->{redis_pid};

    kill 'STOP', $pid;
    kill 'USR1', $field->{load};
    push @spans, [int(time * 1000)];
    sleep $seconds;
    kill 'USR2', $field->{load};
    kill 'CONT', $pid;
    push @{$spans[-1]}, int(time * 1000);
    sleep 1.5;

    return;
}


# The longest wait for a 503; how long after it went on anything still failed.

sub figures {
    my ($field) = @_;

    my ($wait, $after) = (0, 0);

    for my $f ($field->failures) {
        next if $f->{status} <= 1 && $f->{took} < 2000;     # the client left

        $wait = $f->{took} if $f->{took} > $wait;

        for my $span (@spans) {
            my $late = $f->{ms} - $span->[1];
            $after = $late if $late > $after && $late < 1500;
        }
    }

    my %first;

    for my $at ($field->acknowledged_at) {
        for my $span (@spans) {
            my $late = $at - $span->[1];
            $first{$span} = $late
                if $late >= 0 && (!exists $first{$span}
                                  || $late < $first{$span});
        }
    }

    my ($first) = sort { $b <=> $a } map { $first{$_} // 9999 } @spans;

    return ($wait, $after > $first ? $after : $first);
}


sub seen {
    my ($field) = @_;

    my ($wait, $well) = figures($field);
    my $p99 = $field->{sum}{p99};
    my $limit = $field->{size} eq 'long' ? 10 : 50;   # others are at work, too
    my @wrong;

    push @wrong, "a file took $p99 ms (p99)" if $p99 >= $limit;
    push @wrong, "an answer took $wait ms" if $wait >= 2000;
    push @wrong, "well again only after $well ms" if $well > 1000;
    push @wrong, 'Redis was never missed' if !$field->{sum}{failed};
    push @wrong, 'too few files' if $field->{sum}{files} < 500;
    @spans = ();

    return (sprintf('file p99 %.2f ms (< %d), 503 within %.2f s (< 2), '
                    . 'well after %.2f s (<= 1)', $p99, $limit, $wait / 1000,
                    $well / 1000), @wrong);
}


[ {
    name => 'redis-stop',
    does => 'SIGSTOP of Redis; a file from the same worker meanwhile',
    short => { times => 1, ops => 6_000, pause_s => 6 },
    long => { times => 5, ops => 40_000, pause_s => 30 },
    site => { workers => 1 },
    load => { static => 1, pause => 100, rate => 1500 },
    strike => sub { stop($_[0], $_[1], $_[2]{pause_s}) },
    seen => \&seen,
} ];
