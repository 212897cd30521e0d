package Wenming::Redis;

# A client of Redis that sends and reads bytes.

use strict;
use warnings;

use Carp qw(croak);
use IO::Socket::UNIX;
use Socket qw(SOCK_STREAM);


sub new {
    my ($class, $path) = @_;

    my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $path)
        or croak "cannot connect to $path: $!";

    return bless { socket => $socket, in => '' }, $class;
}


sub send {
    my ($self, @words) = @_;

    my $out = '*' . @words . "\r\n";

    for my $word (@words) {
        utf8::encode($word) if utf8::is_utf8($word);
        $out .= '$' . length($word) . "\r\n$word\r\n";
    }

    local $SIG{PIPE} = 'IGNORE';

    print {$self->{socket}} $out or croak "cannot write to Redis: $!";
    $self->{socket}->flush;

    return;
}


# Strings, numbers, undef, lists; an error dies with what Redis said.

sub read {
    my ($self) = @_;

    my $line = $self->line;
    my ($type, $rest) = (substr($line, 0, 1), substr $line, 1);

    return $rest if $type eq '+' || $type eq ':';
    croak $rest if $type eq '-';
    return undef if $rest < 0;

    if ($type eq '$') {
        my $bytes = $self->bytes($rest + 2);
        return substr $bytes, 0, $rest;
    }

    croak "no RESP: $line" if $type ne '*';

    return [map { $self->read } 1 .. $rest];
}


sub call {
    my ($self, @words) = @_;

    $self->send(@words);

    return $self->read;
}


sub more {
    my ($self) = @_;

    my $n = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};

    croak 'Redis closed the connection' if !$n;

    return;
}


sub line {
    my ($self) = @_;

    $self->more while index($self->{in}, "\r\n") < 0;

    my $line = substr $self->{in}, 0, index($self->{in}, "\r\n") + 2, '';

    return substr $line, 0, -2;
}


sub bytes {
    my ($self, $n) = @_;

    $self->more while length $self->{in} < $n;

    return substr $self->{in}, 0, $n, '';
}


1;
