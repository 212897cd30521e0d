package Wenming::Race;

# Stands between nginx and Redis, and is faster: before each commit it does
# something of its own, so that a race is lost every time.

use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_STREAM SOMAXCONN);

use Wenming::Redis;


# path: its socket; redis: the one behind it; plan: a file with commands, the
# words separated by blanks, one before each commit, then from the beginning;
# another plan begins at its first.  before: or a sub, which is given what is
# on its way.  at: a pattern of that, for something else than commits.

sub start {
    my ($class, %o) = @_;

    my $listen = IO::Socket::UNIX->new(
        Type => SOCK_STREAM, Local => $o{path}, Listen => SOMAXCONN)
        or die "$o{path}: $!";

    chmod 0777, $o{path};

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{PIPE} = 'IGNORE';
        eval { serve($listen, %o) };
        POSIX::_exit(0);
    }

    close $listen;

    return bless { pid => $pid, owner => $$ }, $class;
}


sub serve {
    my ($listen, %o) = @_;

    $o{at} ||= qr/\r\nEVAL/;

    my $own = Wenming::Redis->new($o{redis});
    my $select = IO::Select->new($listen);
    my (%other, %is_client);
    my %at = (plan => '', n => 0);

    while (1) {
        for my $socket ($select->can_read) {
            if ($socket == $listen) {
                my $client = $listen->accept or next;
                my $redis = IO::Socket::UNIX->new(
                    Type => SOCK_STREAM, Peer => $o{redis}) or next;

                @other{$client, $redis} = ($redis, $client);
                $is_client{$client} = 1;
                $select->add($client, $redis);
                next;
            }

            my $to = $other{$socket} or next;

            if (!sysread $socket, my $bytes, 65536) {
                $select->remove($socket, $to);
                delete @other{$socket, $to};
                close $_ for $socket, $to;
                next;

            } else {
                if ($is_client{$socket} && $bytes =~ $o{at}) {
                    $o{before} ? $o{before}->($bytes)
                               : interfere($own, $o{plan}, \%at);
                }

                print {$to} $bytes;
                $to->flush;
            }
        }
    }

    return;
}


sub interfere {
    my ($redis, $plan, $at) = @_;

    open my $in, '<', $plan or return;
    my @lines = <$in>;
    close $in;

    my $text = join '', @lines;

    @$at{qw(plan n)} = ($text, 0) if $at->{plan} ne $text;
    $redis->call(split ' ', $lines[$at->{n}++ % @lines]) if @lines;

    return;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    kill 'KILL', $pid;
    waitpid $pid, 0;

    return;
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $!);
    $self->stop if $$ == $self->{owner};

    return;
}


1;
