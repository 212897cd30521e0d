package Fault::Field;

# Where a fault is made: a site, the load on it, and what the checker says of
# both at the end.

use strict;
use warnings;
use utf8;

use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

use Wenming::Seal;
use Wenming::Site;

our $HERE = "$Wenming::Site::ROOT/tests/fault";
our $LOAD = "$Wenming::Site::BUILD/fault/load";

my $DEVICES = 1500;
my $EVENTS = 4;
my %MIX = (checkin => 55, life => 10, order => 15, enrol => 14, event => 2,
           forged => 2, other => 2);


# Options of Wenming::Site, and mix: what people do, by weight.

sub new {
    my ($class, %o) = @_;

    my $mix = delete $o{mix};
    my $self = bless { mix => $mix || \%MIX, first => 1, sum => {} }, $class;

    $o{redis_conf} = ['loglevel warning', @{$o{redis_conf} || []}];
    $o{http} = ['keepalive_requests 1000000000;', @{$o{http} || []}];

    $self->{site} = Wenming::Site->start(
        workers => 2, %o,
        location => ["wenming_unlimited 127.0.0.0/8;",
                     @{$o{location} || []}]);
    $self->{record} = "$self->{site}{dir}/record";
    $self->prepare;

    return $self;
}


sub site { return $_[0]{site} }


# Events, and devices with their tickets.

sub prepare {
    my ($self) = @_;

    my $site = $self->{site};
    my ($now, $seal, $worker) = (time, $site->seal, $site->worker);
    my $last = Wenming::Site::iso($now + 2 * 86400);
    my @open = map { $site->event(end => $last) } 1 .. $EVENTS;
    my @coming = map { $site->event(
        start => Wenming::Site::iso($now + 86400), end => $last,
        capacity => 100_000) } 1 .. $EVENTS;
    my ($cookie) = $worker->cookie_header('/wenming/');

    $self->{open} = \@open;
    $self->{coming} = \@coming;
    $self->{plan} = "$site->{dir}/plan";
    Wenming::Site::write_file("$site->{dir}/web/fault.css", 'x' x 20_000);

    Wenming::Site::write_file($self->{plan}, join '', map { "$_\n" }
        "host 127.0.0.1:$site->{port}", 'base /wenming', "tag f$$",
        "staff $cookie", 'file /wenming/fault.css',
        'day ' . substr(Wenming::Site::iso($now + 20 * 86400), 0, 10),
        'start ' . Wenming::Site::iso($now + 86400), "end $last",
        (map { "$_ $self->{mix}{$_}" } sort keys %{$self->{mix}}),
        (map { "enrol-at $_" } @coming),
        map { $self->device($seal, $_, $open[$_ % @open]) } 1 .. $DEVICES);

    return;
}


sub device {
    my ($self, $seal, $n, $event) = @_;

    my $device = pack 'NNn', $n, 0x77656e, 0x6d69;
    my $cookie = $seal->seal('device', pack 'CCa10a10NN',
                             Wenming::Seal::head(), $seal->{id}, $device,
                             "\0" x 10, 0, time);
    my %ticket = (event => $event, display => 7, device => $device,
                  expires => time + 2 * 86400);

    return join ' ', 'place', $event, "wm_furong_device=$cookie",
                map { $seal->ticket(%ticket, kind => $_) }
                qw(screen-in screen-out);
}


# ---- the load

# ops: how many; the other options of load.c, without their dashes.

sub load {
    my ($self, %o) = @_;

    my @words = map { $_ eq 'static' ? "--$_" : ("--$_", $o{$_}) } keys %o;

    push @words, '--first', $self->{first};

    my $pid = CORE::open(my $out, '-|');
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        setpgrp;
        exec $LOAD, $self->{plan}, $self->{record}, @words
            or POSIX::_exit(127);
    }

    @$self{qw(load out done text summary asked)} =
        ($pid, $out, 0, '', undef, $o{ops});
    $out->blocking(0);

    return;
}


# Reads what the load has said; true until it has ended.

sub listen {
    my ($self) = @_;

    while ($self->{out}) {
        my $n = sysread $self->{out}, $self->{text}, 65536,
                        length $self->{text};

        last if !defined $n;

        if ($n == 0) {
            close delete $self->{out};
            die "the load ended with $?\n" if $?;
        }

        while ($self->{text} =~ s/^([^\n]*)\n//) {
            my $line = $1;

            $self->{done} = $1 if $line =~ /^p (\d+)/;
            $self->{summary} = { split ' ', $line } if $line =~ /^done /;
        }
    }

    return $self->{out} ? 1 : 0;
}


# Until so many operations are done; it may not stand still for a minute.

sub reach {
    my ($self, $ops) = @_;

    my ($last, $moved) = ($self->{done}, time);

    while ($self->{done} < $ops) {
        $self->listen or die "the load has ended by itself\n";
        sleep 0.002;

        if ($self->{done} > $last) {
            ($last, $moved) = ($self->{done}, time);
        } elsif (time - $moved > 60) {
            die "the load stands still at $last\n";
        }
    }

    return;
}


sub finish {
    my ($self) = @_;

    my $end = time + 600;

    while ($self->listen) {
        sleep 0.01;

        if (time > $end) {
            kill 'KILL', $self->{load};
            die "the load does not end\n";
        }
    }

    my $s = $self->{summary} or die "the load said nothing\n";

    $self->{first} += $s->{begun};

    for my $name (keys %$s) {
        if ($name =~ /^(?:tries|slowest_ms|p\d+)$/) {
            $self->{sum}{$name} = $s->{$name}
                if $s->{$name} > ($self->{sum}{$name} || 0);
        } else {
            $self->{sum}{$name} += $s->{$name};
        }
    }

    return $s;
}


sub stop {
    my ($self) = @_;

    kill 'TERM', $self->{load} if $self->{out};

    return $self->finish;
}


# The tries that were no success, in order: ms, kind, n, status, took.

sub failures {
    my ($self) = @_;

    open my $in, '<', $self->{record} or return;
    my @failures;

    while (my $line = <$in>) {
        push @failures, { ms => $1, kind => $2, n => $3, status => $4,
                          took => $5 }
            if $line =~ /^! (\d+) (\w) (\d+) (\d+) (\d+)/;
    }

    return @failures;
}


# When operations were acknowledged, in ms.

sub acknowledged_at {
    my ($self) = @_;

    open my $in, '<', $self->{record} or return;
    my @at;

    while (my $line = <$in>) {
        push @at, $1 if $line =~ /^[A-Z] \d+ a \d+ \d+ (\d+)/;
    }

    return @at;
}


# Of an operation that the load did not make: acknowledged.

sub note {
    my ($self, $letter, $n) = @_;

    open my $out, '>>', $self->{record} or die "$self->{record}: $!\n";
    print $out "$letter $n a 201 1 0 \n";
    close $out;

    return;
}


# ---- the verdict

sub check {
    my ($self, @more) = @_;

    my $site = $self->{site};
    my ($rc, $said) = Wenming::Site::run(
        $^X, "$HERE/check", '--redis', $site->{socket}, '--keys',
        $site->{keys}, -e $self->{record} ? ('--record', $self->{record})
                                          : (), @more);
    my @lines = split /\n/, $said;
    my %count = @lines && $lines[-1] =~ /^acknowledged / ? split ' ', pop @lines
                                                         : ();

    return { rc => $rc, count => \%count, said => \@lines };
}


sub audit {
    my ($self) = @_;

    my ($rc, $said) = $self->{site}->tool('audit');

    return $rc == 0 ? () : ("wenming audit ended with $rc: $said");
}


# What is wrong in the logs: crashes, leaks of ours, phone numbers.

sub logs {
    my ($self, @expected) = @_;

    my $site = $self->{site};
    my @wrong;

    for my $name (qw(error.log access.log)) {
        open my $in, '<', "$site->{dir}/$name" or next;

        while (my $line = <$in>) {
            push @wrong, "$name has a phone number: $line"
                if $line =~ /\b13\d{9}\b/ && @wrong < 5;

            next if grep { $line =~ $_ } @expected;
            push @wrong, $line
                if $line =~ /\[(?:alert|emerg|crit)\]|signal (?:6|11)\b
                             |open\ssocket/x && @wrong < 5;
        }
    }

    return @wrong;
}


# Free seats are a count of their own: it must be what was given.

sub seats {
    my ($self) = @_;

    my $redis = $self->{site}->redis;
    my @wrong;

    for my $event (@{$self->{coming}}) {
        my %of = @{$redis->call('HGETALL',
                                $self->{site}->key("enrol:$event"))};
        my $given = grep { /^(?:seated|offered|s|o)\b/ } values %of;
        my $taken = $redis->call('HGET', $self->{site}->key("seats:$event"),
                                 'taken') || 0;

        push @wrong, "event $event: $taken seats taken, $given given"
            if $taken != $given;
    }

    return @wrong;
}


sub end {
    my ($self) = @_;

    if ($self->{out}) {
        kill 'KILL', $self->{load};
        close delete $self->{out};
    }

    $self->{site}->discard;

    return;
}


1;
