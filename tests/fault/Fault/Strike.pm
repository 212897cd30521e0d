package Fault::Strike;

# A fault as its file says it, made so many times under load.  A file gives a
# list of tables:
#
#     name, does       in a word; in a sentence
#     needs            reasons why it cannot be made here (a function)
#     short, long      times, ops, and rounds: so often from the beginning
#     site             options of Fault::Field, or a function that gives them
#     load             options of its load
#     after            function(): when the field is gone
#     strike           function(field, n): makes the fault, and mends it
#     seen             function(field): the last column, and what is wrong
#     check            more words for the checker
#     refused          what it refuses rightly: KIND STATUS CODE
#     logs             lines of the log that this fault explains
#     run              instead of strike: function(fault, %o) makes all of it
#                      and returns a row

use strict;
use warnings;
use utf8;

use File::Basename qw(basename);
use File::Path qw(make_path);
use Time::HiRes qw(time);

use Fault::Field;


sub read {
    my ($path) = @_;

    my $list = do $path;

    die $@ || "$path: $!\n" if ref $list ne 'ARRAY';

    my $family = basename($path, '.pl');

    return [map { { family => $family, %$_ } } @$list];
}


sub build {
    my $here = $Fault::Field::HERE;
    my $to = "$Wenming::Site::BUILD/fault";
    my @flags = qw(-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow
                   -Wstrict-prototypes -O2 -g);

    make_path($to);

    my %made = (load => ["$here/load.c", "$here/work.c"],
                (map { ("$_.so" => ['-shared', '-fPIC', "$here/$_.c"]) }
                 qw(clock)));

    for my $name (sort keys %made) {
        my @sources = grep { /\.c$/ } @{$made{$name}};
        next if !grep { !-e "$to/$name" || -M $_ < -M "$to/$name" }
                 grep { -e } @sources, "$here/load.h";
        next if grep { !-e } @sources;

        system($ENV{CC} || 'cc', @flags, @{$made{$name}}, '-o',
               "$to/$name") == 0 or die "cannot build $name\n";
    }

    return;
}


sub run {
    my ($fault, %o) = @_;

    my $began = time;
    my %size = (%{$fault->{long} || {}}, %{$fault->{$o{size}} || {}});
    my $reason = $fault->{needs} && $fault->{needs}->();
    my $row;

    $size{$_} = $o{$_} for grep { $o{$_} } qw(ops times);
    $size{rounds} = 1 if $o{size} ne 'long' || $o{ops};
    $size{size} = $o{size};
    $size{share} = $o{share} if $o{share};

    if ($reason) {
        $row = { result => 'skip', wrong => [$reason],
                 seen => "skipped: $reason" };
    } else {
        $row = eval {
            $fault->{run} ? $fault->{run}->($fault, %size)
                          : under_load($fault, %size);
        } || { wrong => [split /\n/, $@] };
        $row->{result} = @{$row->{wrong}} ? 'FAIL' : 'ok';
    }

    $row->{fault} = $fault->{name};
    $row->{took} = time - $began;

    return $row;
}


sub under_load {
    my ($fault, %size) = @_;

    my $rounds = $size{rounds} || 1;
    my %row = (times => 0, wrong => []);

    for my $round (1 .. $rounds) {
        my $site = $fault->{site} || {};
        my $field;

        eval {
            $field = Fault::Field->new(
                mix => $fault->{mix}, ref $site eq 'CODE' ? $site->() : %$site);
            one_round($fault, $field, \%row, %size,
                      ops => int($size{ops} / $rounds),
                      times => int($size{times} / $rounds),
                      end => $size{share} && time + $size{share} / $rounds);
            1;
        } or push @{$row{wrong}}, split /\n/, $@;

        $field->end if $field && !$ENV{WENMING_KEEP};
        $fault->{after}->() if $fault->{after};
    }

    return \%row;
}


sub one_round {
    my ($fault, $field, $row, %size) = @_;

    $field->{size} = $size{size};
    $field->load(ops => 0, clients => 64, abandon => 13,
                 leave => 211, %{$fault->{load} || {}});

    for my $n (1 .. $size{times}) {
        my $at = $size{ops} * ($n - 0.8 + 0.6 * rand) / $size{times};

        $field->reach($at);
        last if $size{end} && time > $size{end};
        $fault->{strike}->($field, $n, \%size);
        $row->{times}++;
    }

    $field->reach($size{ops}) if !$size{end};
    $field->stop;

    conclude($fault, $field, $row);

    return;
}


# What the checker, the tool and the logs say; into the row.

sub conclude {
    my ($fault, $field, $row) = @_;

    # what counts is what is on the disk

    sleep 2.5 if ($field->site->{durability} || '') eq 'everysec';
    $field->site->stop_redis('KILL');
    $field->site->start_redis;

    my $verdict = $field->check(@{$fault->{check} || []});
    my $count = $verdict->{count};
    my @wrong = (@{$verdict->{said}}, $field->audit, $field->seats,
                 $field->logs(@{$fault->{logs} || []}));

    push @wrong, "the checker ended with $verdict->{rc}"
        if $verdict->{rc} && !@wrong;
    push @wrong, refusals($field, $fault->{refused});
    push @wrong, 'nothing was acknowledged' if !$count->{acknowledged};

    $row->{operations} += $field->{sum}{done} || 0;
    $row->{$_} += $count->{$_} || 0
        for qw(acknowledged refused unknown lost doubled);

    if ($fault->{seen}) {
        my ($seen, @more) = $fault->{seen}->($field);

        $row->{seen} = $seen;
        push @wrong, @more;
    }

    push @{$row->{wrong}}, @wrong;

    return;
}


# Only what is wrong by itself may be refused.

sub refusals {
    my ($field, $expected) = @_;

    open my $in, '<', $field->{record} or return;
    my %odd;

    while (my $line = <$in>) {
        $odd{"$1 $3 $4"}++
            if $line =~ /^(\w) (\d+) r (\d+) \d+ \d+ (.*)/
               && "$1$3" !~ /^(?:Y422|X403)$/;
    }

    return map { "refused: $_, $odd{$_} times" }
           grep { !$expected || $_ !~ $expected } sort keys %odd;
}


1;
