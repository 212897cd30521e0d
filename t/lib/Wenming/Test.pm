package Wenming::Test;

# What every t/*.t begins with: strict, UTF-8, Test::More, and a few checks
# in the words of docs/api.md.

use strict;
use warnings;
use utf8;

use Encode ();
use Test::More;
use Time::HiRes ();

use Wenming::Http;
use Wenming::Site;

our @EXPORT = qw(site problem page at_once end sleep time);

*at_once = \&Wenming::Http::at_once;
*sleep = \&Time::HiRes::sleep;
*time = \&Time::HiRes::time;


sub import {
    my $caller = caller;

    strict->import;
    warnings->import;
    utf8->import;
    Test::More->export_to_level(1);

    no strict 'refs';
    *{"${caller}::$_"} = \&$_ for @EXPORT;

    binmode $_, ':encoding(UTF-8)'
        for *STDOUT, *STDERR, map { Test::More->builder->$_ }
            qw(output failure_output todo_output);

    $SIG{PIPE} = 'IGNORE';
    $SIG{$_} = sub { exit 130 } for qw(INT TERM HUP);

    return;
}


sub site {
    return Wenming::Site->start(@_);
}


# An answer that says no: problem+json of the code, naming just these fields.

sub problem {
    my ($r, $status, $code, $fields, $name) = @_;

    my $doc = $r->json;
    my @wrong;

    push @wrong, "status $r->{status} $r->{error}" if $r->{status} != $status;
    push @wrong, 'type ' . $r->type
        if $r->type !~ m{^application/problem\+json\b};
    push @wrong, "code " . ($doc->{code} || 'none')
        if ($doc->{code} || '') ne $code;
    push @wrong, "type " . ($doc->{type} || 'none')
        if ($doc->{type} || '') ne "urn:wenming:$code";
    push @wrong, "status in the body" if ($doc->{status} || 0) ne $status;
    push @wrong, "no title" if !length($doc->{title} || '');

    if ($fields) {
        my $seen = join ' ', sort map { $_->{field} } @{$doc->{errors} || []};
        push @wrong, "fields: $seen" if $seen ne join ' ', sort @$fields;
        push @wrong, "no message"
            if grep { !length($_->{message} || '') } @{$doc->{errors} || []};
    }

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $good = ok !@wrong, $name;

    diag(join("\n", @wrong), "\n", $r->text) if !$good;

    return $good;
}


# A page for people with all these texts in it.

sub page {
    my ($r, $status, $texts, $name) = @_;

    my $text = Wenming::Answer::unescape($r->text);
    my @wrong;

    push @wrong, "status $r->{status} $r->{error}" if $r->{status} != $status;
    push @wrong, 'type ' . $r->type
        if $r->type !~ m{^text/html; ?charset=utf-8$}i;
    push @wrong, map { "without $_" } grep { index($text, $_) < 0 } @$texts;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $good = ok !@wrong, $name;

    diag(join("\n", @wrong), "\n", $r->text) if !$good;

    return $good;
}


# The last test of a file: the servers ended well, and nothing in the logs.

sub end {
    my @faults = map { $_->faults } Wenming::Site->all;

    splice @faults, 12 if @faults > 12;

    ok !@faults, 'nothing in the logs that should not be there'
        or diag(map { "$_\n" } @faults);

    done_testing();

    return;
}


1;
