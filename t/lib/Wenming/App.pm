package Wenming::App;

# An authenticator as RFC 6238 and RFC 4648 have it: none of the code under
# test.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1);
use Exporter qw(import);

our @EXPORT_OK = qw(app secret);

use constant ALPHABET => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';


# The bytes of a secret as apps have it typed.

sub secret {
    my ($text) = @_;

    return pack 'B*', join '', map { sprintf '%05b', index ALPHABET, $_ }
                               split //, $text;
}


# The digits that an app shows now, or so many steps ahead.

sub app {
    my ($text, $ahead) = @_;

    my $sum = hmac_sha1(pack('Q>', int(time / 30) + ($ahead || 0)),
                        secret($text));
    my $at = ord(substr $sum, -1) & 15;

    return sprintf '%06d', (unpack('N', substr $sum, $at, 4) & 0x7fffffff)
                           % 1_000_000;
}


1;
