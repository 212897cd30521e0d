package Wenming::Schema;

# JSON Schema 2020-12, the part of it that docs/api/openapi.json uses.  A word
# that is not known here dies: nothing is described that is not checked.

use strict;
use warnings;
use utf8;

use B ();
use Carp qw(croak);
use JSON::PP ();

my %ASIDE = map { $_ => 1 } qw(description default);
my %FORMAT = (
    'date' => qr/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\z/,
    'date-time' => qr/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T
                      (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?
                      (?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)\z/x,
    'password' => qr//,
);
my %TYPE = (
    object => sub { ref $_[0] eq 'HASH' },
    array => sub { ref $_[0] eq 'ARRAY' },
    boolean => sub { JSON::PP::is_bool($_[0]) },
    integer => sub { is_number($_[0]) && $_[0] == int $_[0] },
    null => sub { !defined $_[0] },
    string => sub { defined $_[0] && !ref $_[0] && !is_number($_[0]) },
);


# root: the document that references are looked up in.

sub new {
    my ($class, $root) = @_;

    return bless { root => $root }, $class;
}


sub is_number {
    my ($value) = @_;

    return 0 if !defined $value || ref $value;

    my $flags = B::svref_2object(\$value)->FLAGS;

    return $flags & (B::SVf_IOK | B::SVf_NOK) && !($flags & B::SVf_POK);
}


sub look_up {
    my ($self, $ref) = @_;

    my $at = $self->{root};

    $ref =~ m{^#/} or croak "not a reference within: $ref";

    for my $name (split m{/}, substr $ref, 2) {
        $name =~ s{~1}{/}g;
        $name =~ s{~0}{~}g;
        $at = ref $at eq 'HASH' ? $at->{$name} : undef;
        defined $at or croak "there is no $ref";
    }

    return $at;
}


# What stands there itself, whether or not by reference; without siblings.

sub resolve {
    my ($self, $node) = @_;

    $node = $self->look_up($node->{'$ref'}) while $node->{'$ref'};

    return $node;
}


# What is wrong with a value: a list of "where: what", empty when nothing is.

sub check {
    my ($self, $schema, $value) = @_;

    my @wrong;

    $self->walk($schema, $value, '', \@wrong);

    return @wrong;
}


# Returns the names of properties that some part of the schema knows.

sub walk {
    my ($self, $schema, $value, $at, $wrong) = @_;

    my %known;

    # "unevaluatedProperties" comes last: it is about what all others saw

    for my $word (sort { ($a eq 'unevaluatedProperties')
                         <=> ($b eq 'unevaluatedProperties') || $a cmp $b }
                  keys %$schema)
    {
        next if $ASIDE{$word};

        (my $method = "on_$word") =~ s/\$//;
        my $code = $self->can($method)
                   or croak "a word that is not checked: $word";

        $code->($self, $schema->{$word}, $value, $at, $wrong, \%known,
                $schema);
    }

    return \%known;
}


sub same {
    my ($one, $other) = @_;

    my $json = JSON::PP->new->canonical->allow_nonref;

    return $json->encode($one) eq $json->encode($other);
}


sub complain {
    my ($wrong, $at, $text) = @_;

    push @$wrong, ($at eq '' ? '/' : $at) . ": $text";

    return;
}


sub on_ref {
    my ($self, $ref, $value, $at, $wrong, $known) = @_;

    my $more = $self->walk($self->look_up($ref), $value, $at, $wrong);

    %$known = (%$known, %$more);

    return;
}


sub on_allOf {
    my ($self, $all, $value, $at, $wrong, $known) = @_;

    for my $schema (@$all) {
        my $more = $self->walk($schema, $value, $at, $wrong);
        %$known = (%$known, %$more);
    }

    return;
}


sub on_oneOf {
    my ($self, $all, $value, $at, $wrong, $known) = @_;

    my ($good, @why) = (0);

    for my $schema (@$all) {
        my @bad;
        my $more = $self->walk($schema, $value, $at, \@bad);

        push @why, @bad;
        next if @bad;
        $good++;
        %$known = (%$known, %$more);
    }

    complain($wrong, $at, "fits $good of " . @$all . ": @why") if $good != 1;

    return;
}


sub on_anyOf {
    my ($self, $all, $value, $at, $wrong, $known) = @_;

    my ($good, @why) = (0);

    for my $schema (@$all) {
        my @bad;
        my $more = $self->walk($schema, $value, $at, \@bad);

        push @why, @bad;
        next if @bad;
        $good++;
        %$known = (%$known, %$more);
    }

    complain($wrong, $at, "fits none of " . @$all . ": @why") if !$good;

    return;
}


sub on_type {
    my ($self, $type, $value, $at, $wrong) = @_;

    my $code = $TYPE{$type} or croak "a type that is not known: $type";

    complain($wrong, $at, "is no $type") if !$code->($value);

    return;
}


sub on_const {
    my ($self, $const, $value, $at, $wrong) = @_;

    complain($wrong, $at, 'is another value') if !same($const, $value);

    return;
}


sub on_enum {
    my ($self, $all, $value, $at, $wrong) = @_;

    complain($wrong, $at, 'is none of the values')
        if !grep { same($_, $value) } @$all;

    return;
}


sub on_properties {
    my ($self, $all, $value, $at, $wrong, $known) = @_;

    return if ref $value ne 'HASH';

    for my $name (sort keys %$all) {
        $known->{$name} = 1;
        $self->walk($all->{$name}, $value->{$name}, "$at/$name", $wrong)
            if exists $value->{$name};
    }

    return;
}


sub on_required {
    my ($self, $names, $value, $at, $wrong) = @_;

    return if ref $value ne 'HASH';

    complain($wrong, "$at/$_", 'is missing')
        for grep { !exists $value->{$_} } @$names;

    return;
}


sub on_additionalProperties {
    my ($self, $may, $value, $at, $wrong, $known, $schema) = @_;

    croak 'only false is checked' if $may;

    return if ref $value ne 'HASH';

    complain($wrong, "$at/$_", 'is not described')
        for grep { !$schema->{properties}{$_} } sort keys %$value;

    return;
}


sub on_unevaluatedProperties {
    my ($self, $may, $value, $at, $wrong, $known) = @_;

    croak 'only false is checked' if $may;

    return if ref $value ne 'HASH';

    complain($wrong, "$at/$_", 'is not described')
        for grep { !$known->{$_} } sort keys %$value;

    return;
}


sub on_items {
    my ($self, $schema, $value, $at, $wrong) = @_;

    return if ref $value ne 'ARRAY';

    $self->walk($schema, $value->[$_], "$at/$_", $wrong) for 0 .. $#$value;

    return;
}


# The numbers: each says what is measured, and whether more is too much.

my %MEASURE = (
    minItems => [1, sub { ref $_[0] eq 'ARRAY' ? scalar @{$_[0]} : undef }],
    maxItems => [0, sub { ref $_[0] eq 'ARRAY' ? scalar @{$_[0]} : undef }],
    minLength => [1, sub { $TYPE{string}->($_[0]) ? length $_[0] : undef }],
    maxLength => [0, sub { $TYPE{string}->($_[0]) ? length $_[0] : undef }],
    minimum => [1, sub { is_number($_[0]) ? $_[0] : undef }],
    maximum => [0, sub { is_number($_[0]) ? $_[0] : undef }],
);

for my $word (keys %MEASURE) {
    my ($least, $measure) = @{$MEASURE{$word}};

    no strict 'refs';
    *{"on_$word"} = sub {
        my ($self, $bound, $value, $at, $wrong) = @_;

        my $n = $measure->($value);

        complain($wrong, $at, "$word $bound, not $n")
            if defined $n && ($least ? $n < $bound : $n > $bound);
    };
}


sub on_pattern {
    my ($self, $pattern, $value, $at, $wrong) = @_;

    complain($wrong, $at, "is not as $pattern")
        if $TYPE{string}->($value) && $value !~ /$pattern/;

    return;
}


sub on_format {
    my ($self, $format, $value, $at, $wrong) = @_;

    my $pattern = $FORMAT{$format} or croak "a format not known: $format";

    complain($wrong, $at, "is no $format")
        if $TYPE{string}->($value) && $value !~ $pattern;

    return;
}


1;
