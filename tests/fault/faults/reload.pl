# nginx takes a new configuration, or becomes a new binary, while people are
# at it.  Nobody needs more than two repeats, and the old workers go.

package Fault::Made::reload;

use strict;
use warnings;
use utf8;

use Time::HiRes qw(sleep);


# True once none of these processes is there.

sub gone {
    my ($site, @pids) = @_;

    return $site->until(10, sub { !grep { kill 0, $_ } @pids });
}


sub reload {
    my ($field) = @_;

    my $site = $field->site;
    my @old = $site->worker_pids;

    $site->reload;
    gone($site, @old) or die "an old worker stays\n";

    return;
}


# A new master beside the old one, whose workers are sent home, then itself.

sub upgrade {
    my ($field) = @_;

    my $site = $field->site;
    my $old = $site->nginx_pid;
    my @workers = $site->worker_pids;

    kill 'USR2', $old;

    $site->until(10, sub {
        my $new = $site->nginx_pid;
        $new && $new != $old && $site->worker_pids == 2;
    }) or die "there is no new nginx\n";

    kill 'WINCH', $old;
    gone($site, @workers) or die "an old worker stays\n";
    kill 'QUIT', $old;
    gone($site, $old) or die "the old nginx stays\n";

    return;
}


sub repeats {
    my ($field) = @_;

    my $s = $field->{sum};
    my $most = $s->{tries} - 1;

    return ("$s->{failed} tries failed, $most at most of one operation",
            $most > 2 ? "an operation took $most repeats" : ());
}


[ {
    name => 'reload',
    does => 'nginx -s reload under load',
    short => { times => 10, ops => 8_000 },
    long => { times => 100, ops => 1_000_000, rounds => 10 },
    load => { abandon => 0, leave => 0, pause => 5 },
    strike => \&reload,
    seen => \&repeats,
}, {
    name => 'upgrade',
    does => 'a new binary of nginx (USR2, WINCH, QUIT) under load',
    short => { times => 3, ops => 6_000 },
    long => { times => 50, ops => 200_000, rounds => 2 },
    load => { abandon => 0, leave => 0, pause => 5 },
    strike => \&upgrade,
    seen => \&repeats,
} ];
