use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Another module that brings its own, changed hiredis, in both orders.

my $load = 'load_module /usr/lib/nginx/modules/ngx_nchan_module.so;';

for my $order (qw(before after)) {
    my $port = Wenming::Site::free_port();
    my $site = Wenming::Site->prepare(
        $order => [$load], redis_conf => ["port $port", 'bind 127.0.0.1'],
        http => ['upstream redis {',
                 "    nchan_redis_server \"redis://127.0.0.1:$port\";", '}'],
        server => ['location = /pub {', '    nchan_publisher;',
                   '    nchan_channel_id x;', '    nchan_redis_pass redis;',
                   '    nchan_message_buffer_length 100;', '}',
                   'location = /sub {', '    nchan_subscriber longpoll;',
                   '    nchan_channel_id x;', '    nchan_redis_pass redis;',
                   '    nchan_subscriber_first_message oldest;', '}']);

    $site->start_redis;
    $site->import_data("$Wenming::Site::ROOT/demo/data");
    $site->start_nginx;

    my $web = $site->browser;
    my $event = $site->event;

    ok $site->until(10, sub {
        $web->post('/pub', type => 'text/plain', body => 'first')->{status}
            =~ /^20[12]$/;
    }), "nchan loaded $order: it reaches Redis";
    is $web->get('/sub')->{body}, 'first', 'and has its message back';

    my @all = at_once(map {
        ([$web, 'POST', '/pub', type => 'text/plain', body => "m$_"],
         [$web, 'GET', 'api/courses/law-01'],
         [$web->fresh, 'POST', 'api/orders', json => {
             course => 'law-01', unit => 'wenyilu', head_count => 1,
             wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
             contact_name => '甲', phone => $site->phone(1), note => '' }])
    } 1 .. 40);
    my %seen;

    $seen{"$_->{status}"}++ for @all;
    is scalar(grep { $_->{status} !~ /^20[012]$/ } @all), 0,
       "nchan loaded $order: both work at the same moment"
       or diag join ' ', map { "$_ x$seen{$_}" } keys %seen;
    is $site->check_in($web, $event, '冯示例', $site->phone(2))->{status},
       201, 'and one checks in';

    $site->redis->call(qw(CLIENT KILL TYPE normal SKIPME yes));
    ok $site->until(5, sub { $web->get('api/units')->{status} == 200 }),
       'both lose their connections and ours comes back';

    # with a Redis of its own nchan logs to a file of the configuration before
    # when it is reloaded, and may crash, also where it is alone: without

    my $other = Wenming::Site->start($order => [$load]);

    $other->reload;
    sleep 0.5;
    is $other->browser->get('api/courses/law-02')->{status}, 200,
       "nchan loaded $order: after a reload too";

    # what nchan itself leaves behind is not ours to judge

    push @{$_->{expect}}, qr/nchan/i, qr/open socket #\d+ left/
        for $site, $other;
}

my ($rc, $said) = Wenming::Site::run('nm', '-D', '--defined-only',
                                     "$Wenming::Site::BUILD/"
                                     . 'ngx_wenming_module.so');
my @names = sort $said =~ /^\S+ \w (\S+)$/mg;

is_deeply \@names, [qw(ngx_module_names ngx_module_order ngx_modules)],
          'our module shows nginx what it must, and nothing else';

end();
