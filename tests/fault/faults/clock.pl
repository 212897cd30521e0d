# The clock jumps, that of nginx or that of Redis: nothing that
# was acknowledged is lost, and codes hold by the clock that nginx has now.

package Fault::Made::clock;

use strict;
use warnings;
use utf8;

use File::Temp ();
use Time::HiRes qw(sleep time);

my @jumps = (600, -600, 7200, -7200, 21_600, 0, -45, 45);
my ($dir, %was);


# How far the clock is away, and until everyone has seen it.

sub set {
    my ($seconds) = @_;

    open my $out, '+<', "$dir/away" or die "$dir/away: $!\n";
    binmode $out;
    print $out pack 'q', $seconds;
    close $out or die "$dir/away: $!\n";
    sleep 0.2;

    return;
}


# A program that starts with that clock; time to wait goes on as ever.

sub wrap {
    my ($name, $program) = @_;

    Wenming::Site::write_file("$dir/$name", <<"END", 0755);
#!/bin/sh
export LD_PRELOAD=$Wenming::Site::BUILD/fault/clock.so FAULT_CLOCK=$dir/away
exec $program "\$@"
END

    return;
}


sub with_clock {
    my ($who) = @_;

    return sub {
        %was = (nginx => $Wenming::Site::NGINX, path => $ENV{PATH});
        $dir = File::Temp::tempdir('/tmp/wmclock.XXXXXX', CLEANUP => 1);
        chmod 0755, $dir;
        Wenming::Site::write_file("$dir/away", "\0" x 8);
        chmod 0644, "$dir/away";

        if ($who eq 'nginx') {
            wrap('nginx', $Wenming::Site::NGINX);
            $Wenming::Site::NGINX = "$dir/nginx";
        } else {
            wrap('redis-server', '/usr/bin/redis-server');
            $ENV{PATH} = "$dir:$ENV{PATH}";
        }

        return;
    };
}


sub clock_back {
    ($Wenming::Site::NGINX, $ENV{PATH}) = @was{qw(nginx path)};

    return;
}


# A code of the time that nginx has is good, one of another time is not.

sub codes {
    my ($field, $jump) = @_;

    my $site = $field->site;
    my $seal = $site->seal;
    my $event = $field->{open}[0];

    for my $case ([$jump, 200], [$jump + 300, 403], [$jump - 300, 403],
                  [0, abs $jump > 30 ? 403 : 200])
    {
        my ($away, $want) = @$case;
        my $slot = int((time + $away) / 15);
        my $path = 'api/c/' . $seal->token(event => $event, slot => $slot);
        my $status = $site->browser->get($path)->{status};

        die "the clock is $jump s away, a code $away s: $status\n"
            if $status != $want;
    }

    return;
}


sub jump {
    my ($who) = @_;

    return sub {
        my ($field, $n) = @_;

        my $jump = $jumps[$n % @jumps];

        set($jump);
        codes($field, $who eq 'nginx' ? $jump : 0);
        sleep 0.3;
        set(0) if abs $jump > 700;      # who works then is refused rightly
    };
}


[ map { {
    name => "clock-$_",
    does => "the clock of $_ jumps, up to six hours",
    short => { times => 5, ops => 6_000 },
    long => { times => 100, ops => 100_000, rounds => 4 },
    load => { rate => 800 },
    site => with_clock($_),
    after => \&clock_back,
    strike => jump($_),

    # before an event or after a session: by that clock, it is so

    refused => qr{^(?:[INO]\ 4\d\d\ (?:not_open|closed|code_invalid)
                  |[CP]\ 401\ )}x,
    seen => sub {
        my ($field) = @_;

        return ("$field->{sum}{failed} tries failed; codes as nginx's "
                . 'clock says');
    },
} } qw(nginx redis) ];
