package Wenming::Answer;

# What came back: status, headers, body; status 0 and error when nothing did.

use strict;
use warnings;
use utf8;

use Encode ();
use JSON::PP ();


sub none {
    my ($class, $error) = @_;

    return bless { status => 0, head => {}, body => '', error => $error,
                   raw => '' }, $class;
}


sub parse {
    my ($class, $bytes, %o) = @_;

    my $self = $class->none('');

    $self->{raw} = $bytes;

    # what asks to go on, or is processed, precedes the answer

    $bytes =~ s{^HTTP/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n}{};

    if ($bytes !~ s{^HTTP/1\.[01] (\d{3}) ?([^\r]*)\r\n(.*?)\r\n\r\n}{}s
        && $bytes !~ s{^HTTP/1\.[01] (\d{3}) ?([^\r]*)\r\n()\r\n}{}s)
    {
        $self->{error} = 'no answer';
        return $self;
    }

    @$self{qw(status reason)} = ($1, $2);

    for my $line (split /\r\n/, $3) {
        my ($name, $value) = split /:\s*/, $line, 2;
        push @{$self->{head}{lc $name}}, $value;
    }

    $self->{body} = $self->body_of($bytes, %o);

    return $self;
}


sub body_of {
    my ($self, $bytes, %o) = @_;

    if ($o{method} eq 'HEAD' || $self->{status} =~ /^(?:204|304)$/) {
        $self->{error} = 'a body where none may be' if length $bytes;
        return '';
    }

    if (($self->header('transfer-encoding') || '') eq 'chunked') {
        my $body = '';

        while ($bytes =~ s/^([0-9a-f]+)\r\n//i) {
            my $n = hex $1;
            $body .= substr $bytes, 0, $n, '';
            $bytes =~ s/^\r\n//;
            return $body if $n == 0;
        }

        $self->{error} = 'truncated';
        return $body;
    }

    my $length = $self->header('content-length');

    if (defined $length && $length != length $bytes) {
        $self->{error} = sprintf 'truncated: %d of %d', length $bytes, $length;

    } elsif (!defined $length && !$o{ended}) {
        $self->{error} = 'truncated';
    }

    return $bytes;
}


sub all {
    my ($self, $name) = @_;

    return @{$self->{head}{lc $name} || []};
}


sub header {
    my ($self, $name) = @_;

    my @all = $self->all($name);

    return @all ? join ', ', @all : undef;
}


sub type {
    my ($self) = @_;

    my $type = $self->header('content-type');

    return defined $type ? $type : '';
}


# The body as characters; never dies, so that a wrong one shows in a test.

sub text {
    my ($self) = @_;

    return Encode::decode('UTF-8', $self->{body});
}


sub json {
    my ($self) = @_;

    my $doc = eval { JSON::PP->new->utf8->decode($self->{body}) };

    return $doc || {};
}


sub cookie {
    my ($self, $name) = @_;

    for my $line ($self->all('set-cookie')) {
        return $line if !defined $name || $line =~ /^\Q$name\E=/;
    }

    return undef;
}


# The forms of a page: action, method, hidden (fields as name => value) and
# the names of all others.

sub forms {
    my ($self) = @_;

    my @forms;
    my $page = $self->text;

    while ($page =~ m{<form\b([^>]*)>(.*?)</form>}gs) {
        my ($head, $inside) = ($1, $2);
        my %form = (hidden => {}, fields => {});

        for my $name (qw(action method)) {
            ($form{$name}) = $head =~ /\b$name="([^"]*)"/;
            $form{$name} = unescape($form{$name}) if defined $form{$name};
        }

        # written in just this order, for programs that look for no more

        while ($inside =~ /<input\x20type="hidden"\x20name="([^"]*)"
                           \x20value="([^"]*)"/gsx)
        {
            $form{hidden}{unescape($1)} = unescape($2);
        }

        while ($inside =~ /<(?:input|select|textarea)\b[^>]*?
                           \bname="([^"]*)"/gsx)
        {
            $form{fields}{unescape($1)} = 1;
        }

        push @forms, \%form;
    }

    return @forms;
}


my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', apos => "'");


sub unescape {
    my ($s) = @_;

    $s =~ s/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/
            defined $1 ? chr hex $1 : defined $2 ? chr $2
            : exists $entity{$3} ? $entity{$3} : "&$3;"/gie;

    return $s;
}


1;
