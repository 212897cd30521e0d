# The checker itself: each thing that must not be is made by hand, and it has
# to say so.

package Fault::Made::check;

use strict;
use warnings;
use utf8;


# What is made: words of Redis that make it and unmake it, or a new record.

sub wrongs {
    my ($field) = @_;

    my $site = $field->site;
    my $redis = $site->redis;
    my $record = Wenming::Site::read_file($field->{record});
    my ($person) = @{$redis->call('KEYS', $site->key('person:*'))};
    my ($journal, $head, $order) = map { $site->key($_) }
                                   qw(journal head numbers);
    my $entry = $redis->call('XREVRANGE', $journal, '+', '-', 'COUNT', 3)->[1];
    my $key = $redis->call('HGET', $person, 'key');
    my $was = $redis->call('GET', $head);

    return (
        ['an acknowledged operation is lost', lost =>
             record => "${record}I 999999 a 201 1 1 \n"],
        ['a refused one is there', strange =>
             record => $record =~ s/^D (\d+) a/D $1 r/mr],
        ['one that nobody sent is there', strange =>
             record => $record =~ s/^D \d+ a .*\n//mr],
        ['another order is told', strange =>
             record => $record =~ s/^(D \d+ a .*)\S\n/$1!\n/mr],
        ['another time is told', strange =>
             record => $record =~ s/^(I \d+ a .*T\d\d:)\d\d/${1}99/mr],
        ['a person without a key', broken =>
             redis => ['HDEL', $person, 'key'], ['HSET', $person, 'key', $key]],
        ['a field too many', broken =>
             redis => ['HSET', $order, 'x', 1], ['HDEL', $order, 'x']],
        ['a key too many', broken =>
             redis => ['SET', $site->key('x'), 1], ['DEL', $site->key('x')]],
        ['another head', broken =>
             redis => ['SET', $head, '1 ' . '0' x 40], ['SET', $head, $was]],
        ['SQL lacks an entry', broken =>
             sql => 'DELETE FROM journal WHERE number = 60'],
        ['SQL has another entry', broken =>
             sql => "UPDATE journal SET e = e || '.' WHERE number = 60"],
        ['SQL lacks a field', broken =>
             sql => "DELETE FROM state_hash WHERE CAST(name AS TEXT) = 'numbers'"],
        ['SQL has another score', broken =>
             sql => 'UPDATE state_zset SET score = score + 1'],
        ['an entry is missing', broken =>
             redis => ['XDEL', $journal, $entry->[0]], undef],
    );
}


sub every_one {
    my ($fault, %o) = @_;

    my $field = Fault::Field->new;
    my %row = (times => 0, wrong => []);

    $field->load(ops => $o{ops}, clients => 16);
    $field->finish;

    my $db = "$field->{site}{dir}/archive.db";
    my @sql = ('--sql', "$db-copy");

    $field->site->must('archive', '--to', "sqlite:$db");
    system 'cp', $db, "$db-copy";

    my $verdict = $field->check(@sql);

    push @{$row{wrong}}, 'it finds fault with what is right',
                         @{$verdict->{said}} if $verdict->{rc};

    my $good = Wenming::Site::read_file($field->{record});

    for my $case (wrongs($field)) {
        my ($name, $word, $how, $do, $undo) = @$case;

        Wenming::Site::write_file($field->{record}, $do) if $how eq 'record';
        $field->site->redis->call(@$do) if $how eq 'redis';
        system 'sqlite3', "$db-copy", $do if $how eq 'sql';
        $verdict = $field->check(@sql);
        $row{times}++;

        push @{$row{wrong}}, "it does not see that $name"
            if !$verdict->{rc} || !$verdict->{count}{$word};

        Wenming::Site::write_file($field->{record}, $good);
        $field->site->redis->call(@$undo) if $undo;
        system 'cp', $db, "$db-copy" if $how eq 'sql';
    }

    @row{qw(operations seen)} = ($field->{sum}{done}, 'sees each of them');
    $field->end;

    return \%row;
}


[ {
    name => 'checker',
    does => 'the checker is shown what must not be',
    short => { ops => 300 },
    run => \&every_one,
} ];
