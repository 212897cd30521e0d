package Wenming::Webhook;

# The site that notifications are sent to: keeps what comes, and answers as a
# file says that a test may change at any time.

use strict;
use warnings;

use Digest::SHA ();
use Fcntl qw(O_APPEND O_CREAT O_WRONLY);
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();

my %phrase = (200 => 'OK', 302 => 'Found', 500 => 'Internal Server Error');


# dir: for its files; port: a certain one.

sub start {
    my ($class, %o) = @_;

    my $self = bless { dir => $o{dir}, owner => $$, said => 0 }, $class;

    $self->listen_at($o{port} || 0);
    $self->answer(200);

    return $self;
}


sub listen_at {
    my ($self, $port) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $port, Listen => 64, ReuseAddr => 1)
        or die "cannot listen: $!";

    $self->{port} = $listen->sockport;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{CHLD} = 'IGNORE';
        open $_, '>', '/dev/null' or POSIX::_exit(1) for *STDOUT, *STDERR;
        eval { $self->serve($listen) };
        POSIX::_exit(0);
    }

    $self->{pid} = $pid;

    return;
}


sub url {
    my ($self) = @_;

    return "http://127.0.0.1:$self->{port}/hook?site=1";
}


# A status, or "hang", "half" (ends in the middle), "long" (no end).

sub answer {
    my ($self, $what) = @_;

    open my $out, '>', "$self->{dir}/hook.answer.new" or die $!;
    print $out $what;
    close $out;
    rename "$self->{dir}/hook.answer.new", "$self->{dir}/hook.answer"
        or die $!;

    return;
}


sub serve {
    my ($self, $listen) = @_;

    while (1) {
        my $client = $listen->accept or next;
        my $pid = fork;

        if (defined $pid && $pid == 0) {
            close $listen;
            eval { $self->take($client) };
            POSIX::_exit(0);
        }

        close $client;
    }

    return;
}


sub take {
    my ($self, $client) = @_;

    alarm 60;

    my ($in, %head) = ('');

    while ($in !~ /\r\n\r\n/) {
        sysread $client, $in, 65536, length $in or return;
    }

    my ($top, $body) = split /\r\n\r\n/, $in, 2;
    my ($first, @lines) = split /\r\n/, $top;

    for my $line (@lines) {
        my ($name, $value) = split /: */, $line, 2;
        $head{lc $name} = $value;
    }

    while (length $body < ($head{'content-length'} || 0)) {
        sysread $client, $body, 65536, length $body or return;
    }

    open my $file, '<', "$self->{dir}/hook.answer" or return;
    my $answer = <$file>;

    sysopen my $out, "$self->{dir}/hook.log", O_WRONLY | O_APPEND | O_CREAT
        or return;
    syswrite $out, JSON::PP->new->ascii->encode({
        request => $first, head => \%head, body => $body,
        answer => $answer }) . "\n";

    if ($answer eq 'hang') {
        sysread $client, my $end, 1;    # until the other side has enough
        return;
    }

    return if $answer eq 'half';

    my $status = $answer eq 'long' ? 200 : $answer;

    print {$client} "HTTP/1.1 $status ", $phrase{$status} || 'Status', "\r\n",
        $status == 302 ? "Location: $head{host}/other\r\n" : '',
        "Connection: close\r\n\r\n";
    print {$client} 'x' x 65536 for 1 .. $answer eq 'long' ? 64 : 0;

    return;
}


# What has come since this was last asked, each with its document; good:
# only what was answered with 200.

sub came {
    my ($self) = @_;

    open my $in, '<', "$self->{dir}/hook.log" or return;
    my @lines = grep { /\n\z/ } <$in>;    # one may just be written
    my @new = @lines[$self->{said} .. $#lines];

    $self->{said} = @lines;

    return map { my $r = JSON::PP->new->decode($_);
                 $r->{doc} = JSON::PP->new->utf8->decode($r->{body}); $r }
           @new;
}


# Whether a request is signed as docs/notifications.md says.

sub signed {
    my ($r, $secret) = @_;

    my ($t, $hex) = ($r->{head}{'wenming-signature'} || '')
                    =~ /^t=(\d+),v1=([0-9a-f]{64})$/ or return 0;

    return $hex eq Digest::SHA::hmac_sha256_hex("$t.$r->{body}", $secret)
           && abs($t - time) < 60;
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
