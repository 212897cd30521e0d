package Wenming::Example;

# The files of docs/examples as a test runs them: what is the machine's own
# in them (paths, addresses) is replaced, and nothing else.

use strict;
use warnings;
use utf8;

use Carp qw(croak);
use Encode ();

use Wenming::Site;

# What the examples call a snippet, and the file that the commands of the
# documents install as it.

my %SNIPPETS = map {
    reverse Wenming::Site::read_file("$Wenming::Site::ROOT/docs/$_")
        =~ m{^install [^\n]*docs/examples/(\S+) /etc/nginx/snippets/(\S+)$}gm
} qw(operations.md sites.md);


# The blocks of a language below a heading of docs/sites.md.

sub blocks {
    my ($heading, $language) = @_;

    my $text = Encode::decode('UTF-8', Wenming::Site::read_file(
        "$Wenming::Site::ROOT/docs/sites.md"));
    my ($section) = $text =~ /^## \Q$heading\E\n(.*?)(?=^## |\z)/ms
        or croak "docs/sites.md has no $heading";
    my @blocks = $section =~ /^```$language\n(.*?)^```$/msg
        or croak "no $language below $heading";

    return @blocks;
}


# Lines of a file with each [from, to] replaced; one that is in none of the
# files that this file takes in is a mistake.

sub text {
    my ($name, @replace) = @_;

    my $text = expand($name);

    for my $pair (@replace) {
        my ($from, $to) = @$pair;

        croak "$name has no \"$from\"" if index($text, $from) < 0;
        $text =~ s/\Q$from\E/$to/g;
    }

    return $text;
}


sub expand {
    my ($name) = @_;

    my $text = Wenming::Site::read_file(
        "$Wenming::Site::ROOT/docs/examples/$name");

    croak "docs/examples has no $name" if !length $text;

    $text =~ s{^([ ]*)include\ snippets/([^;]+);[^\n]*\n}
              {indent($1, expand($SNIPPETS{$2} || croak "no snippet $2"))}gmex;

    return $text;
}


sub indent {
    my ($space, $text) = @_;

    return $text =~ s/^(?=.)/$space/gmr;
}


# The same before anything of ours came into it.

sub before {
    my ($name, @replace) = @_;

    my $text = Wenming::Site::read_file(
        "$Wenming::Site::ROOT/docs/examples/$name");

    $text =~ s/^.*# new\n//gm;
    croak "$name speaks of us before" if $text =~ /^[^#]*wenming/m;

    for my $pair (@replace) {
        $text =~ s/\Q$pair->[0]\E/$pair->[1]/g;
    }

    return $text;
}


# What our own snippets name differently on a machine of a test.

sub ours {
    return (['/usr/share/wenming/web', '{{dir}}/web'],
            ['https://www.example.gov.cn', 'http://127.0.0.1:{{port}}'],
            ['access_log          /var/log/nginx/wenming.log wenming;', '']);
}


# What stands in its server, for the server of a test: without the lines that
# the test has itself.

sub server {
    my ($text) = @_;

    my ($inside) = $text =~ /^server \{\n(.*?)^\}/ms
        or croak 'no server in it';

    return split /\n/, $inside =~ s/^ +(?:listen|server_name) .*\n//gmr;
}


1;
