# The archiver is killed, at any moment and at chosen ones; PostgreSQL goes
# away under it.  In the end SQL has what Redis has, once.

package Fault::Made::archive;

use strict;
use warnings;
use utf8;

use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

use Wenming::Postgres;

my @moments = (undef, undef, 'applied', 'committed', 'acknowledged');
my ($postgres, $archiver);


sub no_postgres {
    my @found = glob '/usr/lib/postgresql/*/bin/initdb';

    return @found ? undef : 'postgresql-15 is not installed';
}


# Where to, in the words of the tool.

sub target {
    my ($field, $kind) = @_;

    return $kind eq 'sqlite' ? "sqlite:$field->{site}{dir}/archive.db"
         : ($postgres->address, '--archive-password-file',
            $postgres->password_file);
}


sub follow {
    my ($field, $kind, $moment) = @_;

    my $site = $field->site;
    my $pid = fork;

    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        setpgrp;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$site->{dir}/archiver.log" or POSIX::_exit(1);
        open STDERR, '>&', \*STDOUT;
        $ENV{WENMING_TEST_KILL} = $moment if $moment;
        exec "$Wenming::Site::BUILD/wenming", '--redis',
             "unix:$site->{socket}", '--keys', $site->{keys}, '--district',
             $site->{district}, 'archive', '--to', target($field, $kind),
             '--follow' or POSIX::_exit(127);
    }

    return $archiver = $pid;
}


sub end_archiver {
    my ($signal) = @_;

    my $pid = $archiver or return;

    $archiver = undef;
    kill $signal, $pid;
    waitpid $pid, 0;

    return $?;
}


# By itself at its moment, or from outside at a random one.

sub kill_archiver {
    my ($kind) = @_;

    return sub {
        my ($field, $n) = @_;

        my $moment = $moments[$n % @moments];
        my $pid = follow($field, $kind, $moment);

        if ($moment) {
            $field->site->until(10, sub { waitpid($pid, WNOHANG) != 0 })
                or die "the archiver does not come to '$moment'\n";
            $archiver = undef;
            die "the archiver ended with $?\n" if $? != 9;
        } else {
            sleep 0.02 + rand 0.3;
            die 'the archiver has ended by itself: ', Wenming::Site::read_file("$field->{site}{dir}/archiver.log")
                if waitpid($pid, WNOHANG) != 0;
            end_archiver('KILL');
        }
    };
}


sub restart_postgres {
    my ($field, $n) = @_;

    if (!$archiver) {
        follow($field, 'postgres');

        # one that cannot even begin gives up, as it should

        $field->site->until(20, sub {
            $field->site->redis->call('EXISTS', $field->site->key('archived'))
        }) or die "the archiver does not begin\n";
    }

    # still there, in spite of the last time

    die 'the archiver has ended by itself: ', Wenming::Site::read_file("$field->{site}{dir}/archiver.log")
        if waitpid($archiver, WNOHANG) != 0;

    $postgres->control('restart', '-m', $n % 2 ? 'immediate' : 'fast');
    sleep 0.3;

    return;
}


# Whatever is left is archived; and both are compared.

sub finish {
    my ($kind) = @_;

    return sub {
        my ($field) = @_;

        my $site = $field->site;
        my @wrong;

        end_archiver('KILL');

        my ($rc, $said) = $site->tool('archive', '--to',
                                      target($field, $kind));

        push @wrong, "the last run ended with $rc: $said" if $rc;

        my $verdict = $field->check($kind eq 'sqlite'
            ? ('--sql', "$site->{dir}/archive.db")
            : ('--psql', $postgres->{dir}, '--password-file',
               $postgres->password_file));

        push @wrong, @{$verdict->{said}} if $verdict->{rc};

        my ($rows, $entries) = @{$verdict->{count}}{qw(sql entries)};

        push @wrong, "$rows rows, $entries entries" if $rows != $entries;
        $postgres->stop if $postgres;
        $postgres = undef;

        return ("SQL has $rows entries of $entries, and the same state",
                @wrong);
    };
}


sub with_postgres {
    $postgres = Wenming::Postgres->start;

    return;
}


[ {
    name => 'archiver-sqlite',
    does => 'the archiver killed, 3 of 5 times within a batch; SQLite',
    short => { times => 10, ops => 5_000 },
    long => { times => 200, ops => 200_000, rounds => 4 },
    load => { rate => 1500 },
    strike => kill_archiver('sqlite'),
    seen => finish('sqlite'),
}, {
    name => 'archiver-postgres',
    does => 'the same; PostgreSQL',
    needs => \&no_postgres,
    short => { times => 5, ops => 4_000 },
    long => { times => 200, ops => 100_000, rounds => 4 },
    load => { rate => 1000 },
    site => \&with_postgres,
    strike => kill_archiver('postgres'),
    seen => finish('postgres'),
}, {
    name => 'postgres-restart',
    does => 'PostgreSQL restarted while wenming archive follows',
    needs => \&no_postgres,
    short => { times => 2, ops => 4_000 },
    long => { times => 50, ops => 100_000, rounds => 2 },
    load => { rate => 800 },
    site => \&with_postgres,
    strike => \&restart_postgres,
    seen => finish('postgres'),
} ];
