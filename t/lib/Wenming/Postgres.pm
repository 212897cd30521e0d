package Wenming::Postgres;

# A PostgreSQL of its own for a test: on a socket in a directory below /tmp,
# with a password, as a user who may do nothing else.  It ends with the test.

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(remove_tree);
use File::Temp ();

my @running;
my $owner = $$;


sub start {
    my ($class) = @_;

    my ($bin) = sort { $b cmp $a } glob '/usr/lib/postgresql/*/bin';
    my $dir = File::Temp::tempdir('/tmp/wmpg.XXXXXX');
    my $self = bless { dir => $dir, bin => $bin || '' }, $class;

    push @running, $self;

    croak 'there is no PostgreSQL: apt-get install postgresql-15' if !$bin;

    $self->file('password', sprintf "pg-%08x%08x\n", rand 2 ** 32,
                rand 2 ** 32);

    if ($> == 0) {
        my ($uid, $gid) = (getpwnam 'nobody')[2, 3];

        chown $uid, $gid, $dir, "$dir/password" or die "$dir: $!";
        $self->{as} = ['setpriv', '--reuid', $uid, '--regid', $gid,
                       '--clear-groups'];
    }

    $self->must("$bin/initdb", '-D', "$dir/data", '-U', 'wenming', '-E',
                'UTF8', '--no-locale', '-A', 'scram-sha-256', '--pwfile',
                "$dir/password", '--no-sync');
    $self->control('start');
    $self->psql('postgres', 'CREATE DATABASE furong');

    return $self;
}


sub file {
    my ($self, $name, $text) = @_;

    open my $out, '>', "$self->{dir}/$name" or die "$name: $!";
    chmod 0600, "$self->{dir}/$name";
    print $out $text;
    close $out or die "$name: $!";

    return;
}


sub must {
    my ($self, @command) = @_;

    my $log = "$self->{dir}/log";
    my $pid = fork;

    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        chdir '/';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log;
        open STDERR, '>&', \*STDOUT;
        exec @{$self->{as} || []}, @command or exit 127;
    }

    waitpid $pid, 0;

    return if $? == 0;

    open my $in, '<', $log;
    croak "$command[0] failed:\n", join '', <$in>;
}


# start, stop or restart, with pg_ctl's own options.

sub control {
    my ($self, $what, @more) = @_;

    my $dir = $self->{dir};

    $self->must("$self->{bin}/pg_ctl", '-w', '-D', "$dir/data", '-l',
                "$dir/server", '-o', "-k $dir -c listen_addresses= "
                . '-c max_connections=10 -c shared_buffers=16MB -c fsync=off',
                @more, $what);

    return;
}


sub address { return "postgresql://wenming@/furong?host=$_[0]{dir}" }
sub password_file { return "$_[0]{dir}/password" }


# What a statement says, a line for each row.

sub psql {
    my ($self, $database, $statement) = @_;

    open my $in, '<', "$self->{dir}/password" or die $!;
    chomp(local $ENV{PGPASSWORD} = <$in>);

    open my $out, '-|', "$self->{bin}/psql", '-XAtq', '-F', '|', '-v',
         'ON_ERROR_STOP=1', '-h', $self->{dir}, '-U', 'wenming', '-d',
         $database, '-c', $statement or die "psql: $!";
    my @rows = <$out>;

    close $out or croak "psql ended with $?: $statement";
    chomp @rows;

    return @rows;
}


sub stop {
    my ($self) = @_;

    eval { $self->control('stop', '-m', 'immediate') }
        if -e "$self->{dir}/data/postmaster.pid";
    remove_tree($self->{dir});
    @running = grep { $_ != $self } @running;

    return;
}


END {
    if ($$ == $owner) {
        my $rc = $?;

        $_->stop for my @all = @running;
        $? = $rc;
    }
}


1;
