#!/usr/bin/perl
# A site for a walk, with what the people in it need; see run.

use FindBin;
use lib "$FindBin::Bin/../../t/lib";
use Wenming::Test;

use JSON::PP ();

my ($walk, $pictures) = @ARGV;

# packed as the guide has it: what is measured is what comes over the line

my $site = site(http => ['gzip on;', 'gzip_min_length 500;'],
                location => ['gzip_static on;']);
my $worker = $site->staff(unit => 'wenyilu', name => 'zhuangan');
$site->staff(role => 'administrator', name => 'guanli');
my $event = $site->event(title => '健康讲座', capacity => 30);
my $soon = $site->event(title => '周末插花课', capacity => 1,
                        start => Wenming::Site::iso(time + 3 * 86400),
                        end => Wenming::Site::iso(time + 3 * 86400 + 5400));

$ENV{WENMING_PICTURES} = $pictures // '';
$ENV{WENMING_ORDERS} = "$site->{dir}/orders";
$ENV{WENMING_SITE} = JSON::PP->new->encode({
    url => $site->public_url, event => $event, soon => $soon,
    master => 0 + Wenming::Site::read_file("$site->{dir}/nginx.pid"),
    manager => 'guanli', manager_password => $site->{staff}{guanli},
    worker => 'zhuangan', password => $site->{staff}{zhuangan},
    admin => 'worker-furong', admin_password => $site->{staff}{'worker-furong'}
});

# A walk may have the servers stopped and started: it writes a line into the
# file orders, and finds it in orders.done when that is done.

my %orders = (
    'redis pause' => sub { kill 'STOP', $site->{redis_pid} },
    'redis go on' => sub { kill 'CONT', $site->{redis_pid} },
    'redis kill' => sub { $site->stop_redis('KILL') },
    'redis start' => sub { $site->start_redis },
    'nginx stop' => sub { $site->stop_nginx },
    'nginx start' => sub { $site->start_nginx },
);

my $node = fork;

die "fork: $!" if !defined $node;
exec 'node', "$FindBin::Bin/kit.js", $walk or die "node: $!" if $node == 0;

while (waitpid($node, 1) == 0) {
    my $order = Wenming::Site::read_file($ENV{WENMING_ORDERS});

    if ($order =~ /^(.+)\n/ && $orders{$1}) {
        unlink $ENV{WENMING_ORDERS};
        $orders{$1}->();
        Wenming::Site::write_file("$ENV{WENMING_ORDERS}.done", $order);
    }

    sleep 0.02;
}

my $rc = $?;
my @faults = $site->faults;

print "$walk: faults in the logs\n@faults\n" if @faults;
exit($rc || @faults ? 1 : 0);
