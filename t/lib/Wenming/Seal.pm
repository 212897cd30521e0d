package Wenming::Seal;

# Sealed values as docs/token.md describes them, made without any of the code
# under test: what is made here must be accepted, and the other way round.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);

use constant ALPHABET => '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

our %KIND = ('screen-in' => 1, 'screen-out' => 2, 'poster-in' => 3,
             'poster-out' => 4, 'resident-card' => 5,
             'paper-card' => 6);


# keys: path of a key file; host and district: where the values are valid.

sub new {
    my ($class, %o) = @_;

    open my $in, '<', $o{keys} or die "$o{keys}: $!";

    while (my $line = <$in>) {
        next if $line =~ /^#|^\s*$/;
        my ($set, $id, undef, $state, undef, $secret) = split ' ', $line;
        $o{data} = pack 'H*', $secret if $set eq 'data';
        next if $set ne 'sign' || $state ne 'active';
        @o{qw(id secret)} = ($id, pack 'H*', $secret);
    }

    close $in;

    return bless \%o, $class;
}


sub with {
    my ($self, %o) = @_;

    return bless { %$self, %o }, ref $self;
}


# RFC 5869 with SHA-256 and no salt, one block.

sub derive {
    my ($self, $label) = @_;

    my $prk = hmac_sha256($self->{secret}, "\0" x 32);

    return hmac_sha256("wenming/1/$label/$self->{district}\1", $prk);
}


sub base32 {
    my ($bytes) = @_;

    my $bits = unpack 'B*', $bytes;

    $bits .= '0' x (-length($bits) % 5);

    return join '', map { substr ALPHABET, oct "0b$_", 1 }
                    unpack '(A5)*', $bits;
}


sub unbase32 {
    my ($text) = @_;

    my $bits = join '', map { sprintf '%05b', index ALPHABET, $_ }
                        split //, uc $text;

    return pack 'B*', substr $bits, 0, 8 * int(length($bits) / 8);
}


sub seal {
    my ($self, $purpose, $payload) = @_;

    my $mac = hmac_sha256(
        "wenming/1\0" . join('', map { pack('n', length) . $_ }
                             $self->{host}, $self->{district}, $payload),
        $self->derive($purpose));

    return base32($payload . substr $mac, 0, 16);
}


sub head {
    my ($kind) = @_;

    return 1 << 5 | ($kind ? $KIND{$kind} : 0);
}


# Options: event, kind, slot (now) or ago (slots), display.

sub token {
    my ($self, %o) = @_;

    my $slot = defined $o{slot} ? $o{slot} : int(time / 15) - ($o{ago} || 0);

    return $self->seal('token', pack 'CCNNn',
                       defined $o{head} ? $o{head}
                       : head($o{kind} || 'screen-in'),
                       $self->{id}, $o{event}, $slot, $o{display} || 0);
}


sub ticket {
    my ($self, %o) = @_;

    return $self->seal('ticket', pack 'CCNNna10C',
                       head($o{kind} || 'screen-in'), $self->{id},
                       $o{event}, $o{expires}, $o{display} || 0, $o{device},
                       $o{typed} || 0);
}


sub pass {
    my ($self, %o) = @_;

    return $self->seal('pass', pack 'CCNnnN', head(0), $self->{id},
                       $o{event}, $o{display} || 1, $o{epoch} || 1,
                       $o{expires} || time + 3600);
}


# A card on a phone: person (16 characters), epoch, expires.

sub card {
    my ($self, %o) = @_;

    return $self->seal('card', pack 'CCa10NN',
                       defined $o{head} ? $o{head}
                       : head($o{kind} || 'resident-card'), $self->{id},
                       unbase32($o{person}), $o{epoch} || 0,
                       defined $o{expires} ? $o{expires} : time + 300);
}


# On paper: under the data key.

sub paper {
    my ($self, %o) = @_;

    return $self->with(secret => $self->{data})->seal('paper',
        pack 'CCa10NN', head('paper-card'), $self->{id},
        unbase32($o{person}), $o{epoch} || 0, time);
}


# The 6 digits beside the QR.

sub digits {
    my ($self, %o) = @_;

    my $slot = int(time / 30) - ($o{ago} || 0);
    my $mac = hmac_sha256(
        pack('CNN', head($o{kind} || 'screen-in'), $o{event}, $slot)
        . $self->{host}, $self->derive('code'));

    return sprintf '%06d', unpack('N', $mac) % 1_000_000;
}


1;
