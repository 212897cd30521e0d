package Wenming::Fake;

# Something on Redis's socket that is no Redis: it answers every command in
# one way, so that the worst moments of a Redis can be had at will.

use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_STREAM SOMAXCONN);

my %behaviour = (
    loading => sub { "-LOADING Redis is loading the dataset in memory\r\n" },
    silent  => sub { '' },
    rubbish => sub { "\x{15}\x{3}\x{1} no redis here\r\n" },
    half    => sub { "\$1000\r\nhalf of it" },
    hangup  => sub { undef },
    oom     => sub { "-OOM command not allowed when used memory > "
                     . "'maxmemory'.\r\n" },
    noauth  => sub { "-NOAUTH Authentication required.\r\n" },
);


sub start {
    my ($class, $path, $how) = @_;

    my $answer = $behaviour{$how} or die "no such behaviour: $how";

    unlink $path;

    my $listen = IO::Socket::UNIX->new(
        Type => SOCK_STREAM, Local => $path, Listen => SOMAXCONN)
        or die "$path: $!";

    chmod 0777, $path;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{PIPE} = 'IGNORE';
        serve($listen, $answer);
        POSIX::_exit(0);
    }

    close $listen;

    return bless { pid => $pid, path => $path, owner => $$ }, $class;
}


sub serve {
    my ($listen, $answer) = @_;

    my $select = IO::Select->new($listen);

    while (1) {
        for my $socket ($select->can_read) {
            if ($socket == $listen) {
                my $new = $listen->accept;
                $select->add($new) if $new;
                next;
            }

            my $n = sysread $socket, my $bytes, 65536;
            my $out = '';

            if ($n) {
                my $one = $answer->();

                if (defined $one) {
                    $out = $one x (() = $bytes =~ /^\*\d+\r$/gm);
                } else {
                    $n = 0;
                }
            }

            if (!$n) {
                $select->remove($socket);
                close $socket;
            } elsif (length $out) {
                syswrite $socket, $out;
            }
        }
    }

    return;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    kill 'KILL', $pid;
    waitpid $pid, 0;
    unlink $self->{path};

    return;
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $!);
    $self->stop if $$ == $self->{owner};

    return;
}


1;
