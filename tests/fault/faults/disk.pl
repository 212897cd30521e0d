# The disk of Redis is full, or fails: real (a small file system) and made by
# strace at the very call.  With appendfsync always Redis ends itself then,
# and is started again once there is room; with everysec it refuses writes.

package Fault::Made::disk;

use strict;
use warnings;
use utf8;

use File::Temp ();
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my $disk;                               # where the small one is mounted


sub no_mount {
    return 'only root may mount' if $> != 0;

    my $dir = File::Temp::tempdir('/tmp/wmdisk.XXXXXX', CLEANUP => 1);

    return 'this machine mounts no tmpfs here'
        if system("mount -t tmpfs -o size=1m wm $dir 2>/dev/null") != 0;
    system 'umount', $dir;

    return;
}


sub no_strace {
    return 'strace is not installed' if !grep { -x "$_/strace" }
                                         split /:/, $ENV{PATH};

    my ($rc, $said) = Wenming::Site::run(
        'strace', '-qq', '-e', 'inject=getppid:error=EIO', $^X, '-e',
        'getppid; print "ran\n"');

    return $rc == 0 && $said =~ /ran/ ? undef : "strace may not: $said";
}


sub small_disk {
    my (@conf) = @_;

    return sub {
        $disk = File::Temp::tempdir('/tmp/wmdisk.XXXXXX');
        system('mount', '-t', 'tmpfs', '-o', 'size=192m', 'wm', $disk) == 0
            or die "mount failed\n";

        return (redis_conf => ["dir $disk", 'auto-aof-rewrite-percentage 0',
                               @conf],
                grep({ /everysec/ } @conf) ? (durability => 'everysec') : ());
    };
}


sub unmount {
    system('umount', '-l', $disk) if $disk;
    rmdir $disk if $disk;
    $disk = undef;

    return;
}


# All the room there is, taken at once.

sub fill {
    open my $out, '>', "$disk/ballast" or die "$disk: $!\n";
    1 while syswrite $out, "\0" x 65536;
    close $out;

    return;
}


sub has_ended {
    my ($field, $seconds) = @_;

    my $pid = $field->site->{redis_pid};

    return $field->site->until($seconds, sub { waitpid($pid, WNOHANG) != 0 });
}


sub start_again {
    my ($field) = @_;

    my $site = $field->site;

    delete $site->{redis_pid};
    unlink $site->{socket};
    $site->start_redis;

    return;
}


sub full {
    my ($field) = @_;

    fill();
    has_ended($field, 20) or die "Redis goes on without a disk\n";
    unlink "$disk/ballast";
    start_again($field);

    return;
}


sub full_but_alive {
    my ($field) = @_;

    my $site = $field->site;
    my $redis = $site->redis;

    fill();
    $site->until(10, sub {
        $redis->call('INFO', 'persistence') =~ /aof_last_write_status:err/
    }) or die "Redis does not notice its disk\n";
    sleep 0.5;
    unlink "$disk/ballast";
    $site->until(10, sub {
        $redis->call('INFO', 'persistence') =~ /aof_last_write_status:ok/
    }) or die "Redis does not find its disk again\n";

    return;
}


# The nth call on the file fails.

sub injected {
    my ($call, $error) = @_;

    return sub {
        my ($field, $n) = @_;

        my $site = $field->site;
        my ($file) = glob "$site->{dir}/redis/appendonlydir/*.incr.aof";
        my $pid = fork;

        die "fork: $!\n" if !defined $pid;

        if ($pid == 0) {
            open STDERR, '>', "$site->{dir}/strace.log";
            exec 'strace', '-f', '-qq', '-o', '/dev/null', '-p',
                 $site->{redis_pid}, '-P', $file, '-e', "trace=$call", '-e',
                 "inject=$call:error=$error:when=" . (1 + $n % 5)
                or POSIX::_exit(127);
        }

        my $ended = has_ended($field, 20);

        kill 'TERM', $pid;
        waitpid $pid, 0;
        die "Redis goes on in spite of $error\n" if !$ended;
        start_again($field);

        return;
    };
}


sub seen {
    my ($field) = @_;

    my $s = $field->{sum};

    return (sprintf('%d tries failed, an answer took %.1f s at most',
                    $s->{failed}, $s->{slowest_ms} / 1000),
            $s->{failed} ? () : 'nothing was lost on the way');
}


[ {
    name => 'disk-full',
    does => 'no room for the AOF, appendfsync always: Redis ends',
    needs => \&no_mount,
    short => { times => 2, ops => 5_000 },
    long => { times => 50, ops => 100_000, rounds => 5 },
    site => small_disk(),
    after => \&unmount,
    strike => \&full,
    seen => \&seen,
}, {
    name => 'disk-full-everysec',
    does => 'no room for the AOF, everysec: Redis refuses writes',
    needs => \&no_mount,
    short => { times => 2, ops => 5_000 },
    long => { times => 20, ops => 100_000, rounds => 5 },
    site => small_disk('appendfsync everysec'),
    after => \&unmount,
    strike => \&full_but_alive,
    seen => \&seen,
}, map { {
    name => "aof-$_->[0]",
    does => "$_->[1] of $_->[0] on the AOF (strace)",
    needs => \&no_strace,
    short => { times => 2, ops => 4_000 },
    long => { times => 50, ops => 100_000, rounds => 5 },
    strike => injected(@$_),
    seen => \&seen,
} } ['write', 'ENOSPC'], ['fdatasync', 'EIO'] ];
