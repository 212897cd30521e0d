package Wenming::Http;

# A browser, or a program: an address to connect to, cookies, and what it
# sends when nothing else is said.

use strict;
use warnings;
use utf8;

use Carp qw(croak);
use Errno qw(EAGAIN EINTR EINPROGRESS);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Time::HiRes qw(time);

use Wenming::Answer;

my $json = JSON::PP->new->utf8->canonical;
my $slow = $ENV{WENMING_SLOW} || 1;     # as in Wenming::Site


sub new {
    my ($class, %o) = @_;

    return bless {
        host => '127.0.0.1', base => '/wenming', cookies => {},
        timeout => 20 * $slow, %o
    }, $class;
}


sub patience {                          # s
    my ($self, %o) = @_;

    return $o{timeout} ? $o{timeout} * $slow : $self->{timeout};
}


# Another device at the same address.

sub fresh {
    my ($self) = @_;

    return bless { %$self, cookies => {} }, ref $self;
}


sub get    { my ($self, @a) = @_; return $self->request('GET', @a) }
sub head   { my ($self, @a) = @_; return $self->request('HEAD', @a) }
sub post   { my ($self, @a) = @_; return $self->request('POST', @a) }
sub patch  { my ($self, @a) = @_; return $self->request('PATCH', @a) }
sub delete { my ($self, @a) = @_; return $self->request('DELETE', @a) }


# Options: query, json, form, body + type, headers, chunked, timeout.
# A path that does not begin with / stands below the public address.

sub request {
    my ($self, $method, $path, %o) = @_;

    my ($answer) = at_once([$self, $method, $path, %o]);

    return $answer;
}


sub encode {
    my ($s) = @_;

    utf8::encode($s) if utf8::is_utf8($s);

    return $s;
}


sub escape {
    my ($s) = @_;

    $s = encode($s);
    $s =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;

    return $s;
}


sub pairs {
    my ($list) = @_;

    my @pairs = ref $list eq 'HASH'
                ? map { [$_, $list->{$_}] } sort keys %$list
                : map { [@$list[2 * $_, 2 * $_ + 1]] } 0 .. $#$list / 2;

    return join '&', map {
        my ($name, $value) = @$_;
        map { escape($name) . '=' . escape($_) }
            ref $value ? @$value : $value;
    } grep { defined $_->[1] } @pairs;
}


sub cookie_header {
    my ($self, $path) = @_;

    my @fit = grep {
        my $at = $self->{cookies}{$_}{path};
        index($path, $at) == 0
            && ($at =~ m{/$} || $path =~ m{^\Q$at\E(?:[/?]|$)});
    } sort keys %{$self->{cookies}};

    return join '; ', map { "$_=$self->{cookies}{$_}{value}" } @fit;
}


# The bytes of a request.

sub bytes_of {
    my ($self, $method, $path, %o) = @_;

    $path = "$self->{base}/$path" unless $path =~ m{^/};
    $path .= ($path =~ /\?/ ? '&' : '?') . pairs($o{query}) if $o{query};

    my $body = $o{body};
    my %head = (Host => "$self->{host}:$self->{port}", Connection => 'close');

    if ($o{json}) {
        $body = ref $o{json} ? $json->encode($o{json}) : $o{json};
        $head{'Content-Type'} = 'application/json';

    } elsif ($o{form}) {
        $body = pairs($o{form});
        $head{'Content-Type'} = 'application/x-www-form-urlencoded';
        $head{'Sec-Fetch-Site'} = 'same-origin';

    } elsif (defined $body) {
        $head{'Content-Type'} = $o{type} if defined $o{type};
    }

    my $cookie = $self->cookie_header($path);

    $head{Cookie} = $cookie if length $cookie;

    if (defined $body) {
        $body = encode($body);

        if ($o{chunked}) {
            $head{'Transfer-Encoding'} = 'chunked';
            my $size = $o{chunked} > 1 ? $o{chunked} : 7;
            $body = join('', map { sprintf "%x\r\n%s\r\n", length, $_ }
                             unpack "(a$size)*", $body) . "0\r\n\r\n";
        } else {
            $head{'Content-Length'} = length $body;
        }
    }

    %head = (%head, %{$o{headers} || {}});

    return encode("$method $path HTTP/1.1\r\n")
           . join('', map { encode("$_: $head{$_}\r\n") }
                      grep { defined $head{$_} } sort keys %head)
           . "\r\n" . (defined $body ? $body : '');
}


# A connection to write to by hand; read_answer() reads what comes back.

sub open {
    my ($self) = @_;

    my $socket = IO::Socket::INET->new(
        PeerAddr => $self->{host}, PeerPort => $self->{port},
        Timeout => 5 * $slow)
        or croak "cannot connect to $self->{host}:$self->{port}: $@";

    $socket->autoflush(1);

    return $socket;
}


sub read_answer {
    my ($self, $socket, %o) = @_;

    my $bytes = '';
    my $until = time + $self->patience(%o);
    my $select = IO::Select->new($socket);
    my $ended;

    while (time < $until && $select->can_read($until - time)) {
        my $n = sysread $socket, $bytes, 65536, length $bytes;
        next if !defined $n && $! == EINTR;
        $ended = 1, last if !$n;
    }

    my $answer = Wenming::Answer->parse($bytes, ended => $ended,
                                        method => $o{method} || 'GET');
    $self->keep_cookies($answer);

    return $answer;
}


sub keep_cookies {
    my ($self, $answer) = @_;

    for my $line ($answer->all('set-cookie')) {
        my ($pair, @attributes) = split /;\s*/, $line;
        my ($name, $value) = split /=/, $pair, 2;
        my %a = map { my ($k, $v) = split /=/, $_, 2;
                      (lc $k => defined $v ? $v : '') } @attributes;

        if (!length $value || (defined $a{'max-age'} && $a{'max-age'} <= 0)) {
            delete $self->{cookies}{$name};
        } else {
            $self->{cookies}{$name} = { value => $value,
                                        path => $a{path} || '/',
                                        line => $line };
        }
    }
}


# Sends requests at the same moment, each [browser, method, path, options] on
# a connection of its own; returns the answers in the same order.

sub at_once {
    my (@requests) = @_;

    my (%open, @answers);
    my $began = time;
    my $until = $began;
    my ($reads, $writes) = (IO::Select->new, IO::Select->new);

    for my $i (0 .. $#requests) {
        my ($self, $method, $path, %o) = @{$requests[$i]};
        my $end = $began + $self->patience(%o);
        my $socket = IO::Socket::INET->new(
            PeerAddr => $self->{host}, PeerPort => $self->{port},
            Blocking => 0);

        if (!$socket) {
            $answers[$i] = Wenming::Answer->none("connect: $@");
            next;
        }

        $open{$socket} = {
            i => $i, browser => $self, socket => $socket, method => $method,
            out => $self->bytes_of($method, $path, %o), in => '' };
        $writes->add($socket);
        $reads->add($socket);
        $until = $end if $end > $until;
    }

    my $finish = sub {
        my ($c, $why) = @_;

        $reads->remove($c->{socket});
        $writes->remove($c->{socket});
        delete $open{$c->{socket}};

        my $answer = Wenming::Answer->parse($c->{in}, ended => !$why,
                                            method => $c->{method});
        $answer->{error} ||= $why if $why;
        $answer->{took} = time - $began;
        $c->{browser}->keep_cookies($answer);
        $answers[$c->{i}] = $answer;
        close $c->{socket};
    };

    while (%open) {
        my $left = $until - time;
        last if $left <= 0;
        my ($r, $w) = IO::Select->select($reads, $writes, undef, $left);

        for my $socket (@{$w || []}) {
            my $c = $open{$socket} or next;
            my $n = syswrite $socket, $c->{out};

            if (!defined $n) {
                next if $! == EAGAIN || $! == EINTR || $! == EINPROGRESS;
                $c->{out} = '';         # an answer may be there all the same
            } else {
                substr $c->{out}, 0, $n, '';
            }

            $writes->remove($socket) if !length $c->{out};
        }

        for my $socket (@{$r || []}) {
            my $c = $open{$socket} or next;
            my $n = sysread $socket, $c->{in}, 65536, length $c->{in};

            if (!defined $n) {
                next if $! == EAGAIN || $! == EINTR;
                $finish->($c, "read: $!");
            } elsif ($n == 0) {
                $finish->($c);
            }
        }
    }

    $finish->($_, 'timeout') for values %open;

    return @answers;
}


# Many in a row, on few connections, as programs do; the statuses alone.

sub in_a_row {
    my (@requests) = @_;

    my @said;

    while (my @some = splice @requests, 0, 200) {
        my $socket = $some[0][0]->open;
        my $i = 0;

        print $socket map {
            my ($self, $method, $path, %o) = @$_;
            $o{headers} = { Connection => 'keep-alive', %{$o{headers} || {}} }
                if ++$i < @some;
            $self->bytes_of($method, $path, %o);
        } @some;

        local $/;
        my $all = <$socket>;
        push @said, $1 while $all =~ m{^HTTP/1\.1 (\d+)}mg;
    }

    return @said;
}


1;
