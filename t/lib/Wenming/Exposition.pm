package Wenming::Exposition;

# Prometheus's text format 0.0.4, read more strictly than a server would: what
# a linter calls bad style is wrong here.  Dies at the first fault.

use strict;
use warnings;

use Carp qw(croak);

my $NAME = qr/[a-z][a-z0-9]*(?:_[a-z0-9]+)*/;
my $VALUE = qr/(?:0|[1-9][0-9]*)(?:\.[0-9]+)?/;     # none of ours is negative


# samples: lists of name, labels, value; family: type, help and samples of
# each.

sub parse {
    my ($class, $text) = @_;

    my $self = bless { family => {}, samples => [], series => {} }, $class;

    croak 'does not end in a newline' if $text !~ /\n\z/;
    croak 'has bytes that are not ASCII' if $text =~ /[^\x20-\x7e\n]/;

    for my $line (split /\n/, $text) {
        if ($line =~ /^# (HELP|TYPE) /) {
            $self->comment($line);
        } else {
            $self->sample($line);
        }
    }

    $self->end_family;

    return $self;
}


sub comment {
    my ($self, $line) = @_;

    if ($line =~ /^# HELP ($NAME) (\S.*\.)$/) {
        my ($name, $help) = ($1, $2);

        $self->end_family;
        croak "twice: $line" if $self->{family}{$name};
        croak "an escape: $line" if $help =~ /\\/;

        $self->{now} = $name;
        $self->{family}{$name} = { help => $help, samples => [] };
        return;
    }

    my ($name, $type) = $line =~ /^# TYPE ($NAME) (counter|gauge|histogram)$/
        or croak "no comment of the format: $line";
    my $family = $self->{family}{$name};

    croak "not behind its HELP: $line"
        if !$family || $name ne $self->{now} || $family->{type}
           || @{$family->{samples}};
    croak "a counter's name ends in _total: $line"
        if ($type eq 'counter') != ($name =~ /_total$/);
    croak "a name with a meaning: $line" if $name =~ /_(?:sum|count|bucket)$/;
    croak "no base unit: $line" if $name =~ /_(?:ms|us|milliseconds|kb)\b/;

    $family->{type} = $type;

    return;
}


sub sample {
    my ($self, $line) = @_;

    my ($name, $labels, $value) = $line =~ /^($NAME)\{(.*)\} ($VALUE)$/
        or croak "no sample: $line";
    my $family = $self->{family}{$self->{now} || ''};
    my %labels;

    croak "no TYPE: $line" if !$family || !$family->{type};
    croak "of another family: $line"
        if $name !~ ($family->{type} eq 'histogram'
                     ? qr/^\Q$self->{now}\E_(?:bucket|sum|count)$/
                     : qr/^\Q$self->{now}\E$/);

    while ($labels =~ /\G($NAME)="((?:[^"\\]|\\[\\"n])*)"(?:,(?=.)|\z)/gc) {
        croak "a label twice: $line" if exists $labels{$1};
        $labels{$1} = $2 =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger;
    }

    croak "no labels: $line" if (pos $labels || 0) != length $labels;
    croak "twice: $line" if $self->{series}{$line =~ s/ \S+$//r}++;
    croak "le: $line" if exists $labels{le} != ($name =~ /_bucket$/);

    my $sample = { name => $name, labels => \%labels, value => $value };

    push @$_, $sample for $family->{samples}, $self->{samples};

    return;
}


# A family is whole: buckets that grow up to +Inf, which is the count.

sub end_family {
    my ($self) = @_;

    my $name = delete $self->{now} or return;
    my $family = $self->{family}{$name};

    croak "no TYPE: $name" if !$family->{type};
    return if $family->{type} ne 'histogram';

    my (%last, %le, %found);

    for my $s (@{$family->{samples}}) {
        my %labels = %{$s->{labels}};
        my $le = delete $labels{le};
        my $of = join ',', map { "$_=$labels{$_}" } sort keys %labels;

        if (!defined $le) {
            $found{$of}{$s->{name}} = $s->{value};
            next;
        }

        my $bound = $le eq '+Inf' ? 9 ** 9 ** 9 : $le;

        croak "$name: bounds of buckets do not grow at $le"
            if exists $le{$of} && $bound <= $le{$of};
        croak "$name: buckets do not grow at $le"
            if exists $last{$of} && $s->{value} < $last{$of};

        ($le{$of}, $last{$of}) = ($bound, $s->{value});
    }

    for my $of (keys %found, keys %last) {
        my ($sum, $count) = @{$found{$of} || {}}{"${name}_sum",
                                                 "${name}_count"};

        croak "$name: no sum, or no count" if !defined $sum || !defined $count;
        croak "$name: no +Inf" if ($le{$of} || 0) != 9 ** 9 ** 9;
        croak "$name: +Inf is not the count" if $last{$of} != $count;
    }

    return;
}


# ---- what it says

sub find {
    my ($self, $name, %labels) = @_;

    return grep {
        my $s = $_;
        $s->{name} eq $name
            && !grep { !defined $s->{labels}{$_}
                       || $s->{labels}{$_} ne $labels{$_} } keys %labels;
    } @{$self->{samples}};
}


# The sum of all that have these labels; undef: there is none.

sub value {
    my ($self, $name, %labels) = @_;

    my @found = $self->find($name, %labels) or return undef;
    my $sum = 0;

    $sum += $_->{value} for @found;

    return $sum;
}


1;
