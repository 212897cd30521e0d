use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# docs/operations.md: its table has every line that the module may log, and
# its blocks of commands do what they say, on directories of their own and
# with Redis and nginx under the users that Debian gives them.  And
# README.zh-CN.md has the blocks of README.md.

use File::Path qw(make_path);
use File::Temp ();

my $root = $Wenming::Site::ROOT;
my $build = $Wenming::Site::BUILD;
my $doc = slurp('docs/operations.md');


sub slurp {
    my ($name) = @_;

    open my $in, '<:encoding(UTF-8)', "$root/$name" or die "$name: $!";
    local $/;

    return scalar <$in>;
}


sub blocks {
    my ($text, $kind) = @_;

    return $text =~ /^```$kind\n(.*?)^```$/msg;
}


# ---- the Chinese README

sub commands {
    my ($text, $kind) = @_;

    return [map { s/^\s*#.*\n//mgr } blocks($text, $kind)];
}

for my $kind (qw(sh nginx console)) {
    is_deeply commands(slurp('README.zh-CN.md'), $kind),
              commands(slurp('README.md'), $kind),
              "README.zh-CN.md has the $kind blocks of README.md";
}


# ---- the table of log lines

my %levels = (EMERG => 'emerg', ALERT => 'alert', CRIT => 'crit',
              ERR => 'error', WARN => 'warn', NOTICE => 'notice',
              INFO => 'info');
my @rows = map { /^\| `(wenming.+?)` \| (\w+) \|/ ? [$1, $2] : () }
           split /\n/, $doc;
my %used;

for my $file (glob "$root/ngx_wenming_module/*.c"
              . " $root/lua-free-handlers/*.c")
{
    my ($name) = $file =~ m{([^/]+/[^/]+)$};
    my $source = slurp($name);

    while ($source =~ /ngx_(?:conf_)?log_error\(NGX_LOG_(\w+),[^;]*?
                       ((?:"(?:[^"\\]|\\.)*"\s*)+)[,)]/xg)
    {
        my ($level, $text) = ($levels{$1}, $2);

        $text = join '', $text =~ /"((?:[^"\\]|\\.)*)"/g;
        $text =~ s/\\(.)/$1/g;

        my $like = join '.*', map { quotemeta }
                   split /%(?:\*s|V|s|ui|uz|d|i)/, $text, -1;
        my @found = grep { $rows[$_][0] =~ /^$like$/
                           && $rows[$_][1] eq $level } 0 .. $#rows;

        @used{@found} = ();
        ok @found > 0, "$name: $level: $text";
    }

    # nothing may slip through the pattern above

    my $calls = () = $source =~ /ngx_(?:conf_)?log_error\(NGX_LOG/g;
    my $read = () = $source =~ /ngx_(?:conf_)?log_error\(NGX_LOG_(\w+),[^;]*?
                                ((?:"(?:[^"\\]|\\.)*"\s*)+)[,)]/xg;

    is $read / 2, $calls, "$name: every call is understood" if $calls;
}

is_deeply [map { $rows[$_][0] } grep { !exists $used{$_} } 0 .. $#rows], [],
          'every line of the table can be logged';


# ---- the rights of Redis's user

my $acl = slurp('docs/examples/redis-wenming.acl');
my %right = map { $_ => 1 } $acl =~ /^user default .*$/m
            ? $& =~ /\+([a-z|]+)/g : ();
my @known = map { lc } qw(PING SELECT INFO CONFIG TIME MULTI EXEC EVAL EVALSHA GET
    SET MGET DEL UNLINK EXISTS EXPIRE PEXPIRE TTL PTTL TYPE INCR INCRBY DECR
    HGET HMGET HGETALL HEXISTS HLEN HKEYS HVALS HSET HSETNX HDEL HINCRBY SADD
    SREM SCARD SISMEMBER SMISMEMBER SMEMBERS SSCAN HSCAN ZSCAN SCAN KEYS ZADD
    ZREM ZCARD ZCOUNT ZSCORE ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE
    ZRANGEBYLEX XADD XLEN XDEL XTRIM XACK XGROUP XREADGROUP XRANGE XREVRANGE XREAD XINFO LPUSH RPUSH
    LRANGE PUBLISH SUBSCRIBE RENAME WAIT SCRIPT WATCH DISCARD);
my %known = map { $_ => 1 } @known;
my %needs;

for my $file (glob "$root/redis/*.lua $root/ngx_wenming_module/*.c"
              . " $root/lua-free-handlers/*.c $root/cli/*.c"
              . " $root/core/wm_commit.c $root/core/wm_forget.c")
{
    my ($name) = $file =~ m{([^/]+/[^/]+)$};

    $needs{lc $_} = 1 for slurp($name) =~ /["']([A-Z]{3,})["' ]/g;
}

is_deeply [grep { !$right{$_} && !($_ eq 'config' && $right{'config|get'}) }
           sort grep { $known{$_} } keys %needs], [],
          'redis-wenming.acl has a right for every command in the sources';


# ---- a machine of its own: the paths of the documents, below a directory

my $tmp = File::Temp::tempdir('/tmp/wmo.XXXXXX', CLEANUP => 1);
my $port = Wenming::Site::free_port();
my $tls = Wenming::Site::free_port();
my $me = $$;

chmod 0711, $tmp or die "$tmp: $!";


sub here {
    my ($text) = @_;

    $text =~ s{(?<![\w.\$/])/(etc|usr|var|run|root)/(?=\w)}{$tmp/$1/}g;
    $text =~ s{http://127\.0\.0\.1/}{http://127.0.0.1:$port/}g;
    $text =~ s{http://192\.0\.2\.20}{http://127.0.0.1:$port}g;
    $text =~ s{listen 80;}{listen 127.0.0.1:$port;}g;
    $text =~ s{listen 443 }{listen 127.0.0.1:$tls }g;
    $text =~ s{192\.0\.2\.10;}{127.0.0.1;}g;

    return $text;
}


sub put {
    my ($path, $text, $mode) = @_;

    open my $out, '>:encoding(UTF-8)', "$tmp/$path" or die "$path: $!";
    print $out $text;
    close $out or die "$path: $!";
    chmod $mode, "$tmp/$path" or die "$path: $!" if $mode;

    return;
}


sub get {
    my ($path) = @_;

    return Wenming::Site::read_file("$tmp/$path");
}


# What the commands of a block leave for the next: variables, as in a shell.

sub shell {
    my ($script) = @_;

    put('script', "PATH=$tmp/bin:$tmp/usr/local/sbin:\$PATH\ncd $tmp\n"
        . "unset WENMING_BUILD\n[ ! -e state ] || . ./state\nset -e\n$script\n"
        . "for v in R REDISCLI_AUTH; do\n"
        . "    declare -p \$v 2>/dev/null || true\ndone > state\n");

    my ($rc, $said) = Wenming::Site::run('bash', "$tmp/script");

    return wantarray ? ($rc, $said) : $said;
}

make_path(map { "$tmp/$_" } qw(bin root usr/bin usr/lib/nginx/modules
    usr/local/sbin usr/share/wenming/web etc/wenming etc/redis
    etc/systemd/system etc/logrotate.d etc/cron.d etc/ssl/certs
    etc/ssl/private etc/nginx/conf.d etc/nginx/snippets
    etc/nginx/modules-available etc/nginx/modules-enabled
    etc/nginx/sites-available etc/nginx/sites-enabled var/lib/redis
    var/log/redis var/log/nginx var/backups run temp docs));
symlink 'usr/lib/nginx/modules', "$tmp/modules" or die $!;
symlink "$root/demo", "$tmp/demo" or die $!;
system('cp', "$build/ngx_wenming_module.so", "$tmp/usr/lib/nginx/modules/")
    == 0 or die;
system("cp -R $build/web/a $tmp/usr/share/wenming/web/") == 0 or die;
system('cp', '-R', "$root/docs/examples", "$tmp/docs/examples") == 0 or die;

for my $file (split /\n/, qx(find $tmp/docs/examples -type f)) {
    my $name = substr $file, length "$tmp/";

    put($name, here(slurp($name)));
}

my $user = $> == 0 ? 'user www-data;' : '';

put('etc/nginx/nginx.conf', <<END);
$user
worker_processes 2;
pid $tmp/run/nginx.pid;
error_log $tmp/var/log/nginx/error.log notice;
include modules-enabled/*.conf;
events { }
http {
    include /etc/nginx/mime.types;
    access_log $tmp/var/log/nginx/access.log;
    client_body_temp_path $tmp/temp/body;
    proxy_temp_path $tmp/temp/proxy;
    fastcgi_temp_path $tmp/temp/fastcgi;
    uwsgi_temp_path $tmp/temp/uwsgi;
    scgi_temp_path $tmp/temp/scgi;
    include conf.d/*.conf;
    include sites-enabled/*;
}
END

put('bin/wenming', <<END, 0755);
#!/bin/sh
[ ! -e $tmp/etc/wenming/wenming.conf ] \\
    || set -- --config $tmp/etc/wenming/wenming.conf "\$@"
exec $build/wenming "\$@"
END

put('bin/nginx', <<END, 0755);
#!/bin/sh
exec $Wenming::Site::NGINX -p $tmp -c $tmp/etc/nginx/nginx.conf \\
    -e $tmp/var/log/nginx/error.log "\$@"
END

# What the unit does, with its drop-in: user redis, group www-data.

my $as = $> == 0 ? 'setpriv --reuid redis --regid www-data --clear-groups'
                 : '';

put('bin/systemctl', <<END, 0755);
#!/bin/sh
pid=\$(cat $tmp/run/redis-wenming/redis-server.pid 2>/dev/null)
case "\$*" in
'daemon-reload')
    ;;
'enable --now redis-server\@wenming' | 'start redis-server\@wenming')
    umask 007
    $as redis-server $tmp/etc/redis/redis-wenming.conf --daemonize yes
    for i in \$(seq 100); do
        [ ! -S $tmp/run/redis-wenming/redis.sock ] || exit 0
        sleep 0.1
    done
    exit 1
    ;;
'stop redis-server\@wenming')
    kill "\$pid"
    while kill -0 "\$pid" 2>/dev/null; do sleep 0.05; done
    ;;
'reload nginx')
    if [ -s $tmp/run/nginx.pid ]; then
        kill -HUP "\$(cat $tmp/run/nginx.pid)"
    else
        nginx
    fi
    ;;
'enable --now wenming-archive' | 'start wenming-archive')
    wenming archive --follow >> $tmp/var/log/archive 2>&1 < /dev/null &
    echo \$! > $tmp/run/wenming-archive.pid
    ;;
'stop wenming-archive')
    kill "\$(cat $tmp/run/wenming-archive.pid)"
    ;;
*)
    echo "systemctl \$*?" >&2
    exit 1
esac
END

make_path("$tmp/run/redis-wenming");

if ($> == 0) {
    system("chown redis:www-data $tmp/run/redis-wenming"
           . " && chmod 2750 $tmp/run/redis-wenming"
           . " && chown redis:redis $tmp/etc/redis $tmp/var/lib/redis"
           . " && chmod 2770 $tmp/etc/redis && chmod 750 $tmp/var/lib/redis"
           . " && chown redis:adm $tmp/var/log/redis") == 0 or die;

} else {
    put('bin/chown', "#!/bin/sh\n", 0755);
    put('bin/install', "#!/bin/bash\nwhile [ \$# -gt 0 ]; do case \$1 in\n"
        . "-o|-g) shift ;; *) a+=(\"\$1\") ;; esac; shift; done\n"
        . "exec /usr/bin/install \"\${a[\@]}\"\n", 0755);
}

END {
    if ($$ == $me && $tmp) {
        my $rc = $?;

        for my $name ('run/wenming-archive.pid', 'run/nginx.pid',
                      'run/redis-wenming/redis-server.pid')
        {
            my ($pid) = get($name) =~ /^(\d+)/ or next;

            kill 'TERM', $pid;
            Wenming::Site->until(10, sub { !kill 0, $pid })
                or kill 'KILL', $pid;
        }

        $? = $rc;
    }
}


my @blocks = blocks($doc, 'sh');


# The next block of the document, which must have this in it.

sub next_block {
    my ($mark, $name) = @_;

    my $block = shift @blocks;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    like $block, qr/\Q$mark\E/, "$name: the next block";

    my ($rc, $said) = shell(here($block));

    is $rc, 0, "$name: it runs" or diag $said;

    return $said;
}


sub curl {
    my (@words) = @_;

    return Wenming::Site::run('curl', '-s', '--noproxy', '*', '-k',
                              '--max-time', 10, '--connect-to',
                              "www.example.gov.cn:443:127.0.0.1:$tls",
                              @words);
}


my $orders = 0;

sub order {
    my $day = substr Wenming::Site::iso(time + 864000), 0, 10;
    my ($rc, $said) = curl('-o', "$tmp/order", '-w', '%{http_code}',
        'https://www.example.gov.cn/wenming/api/orders',
        '-H', 'Content-Type: application/json',
        '-d', sprintf('{"course":"law-01","unit":"wenyilu","head_count":1,'
                      . '"note":"","wanted":["%s"],"contact_name":"甲",'
                      . '"phone":"139%08d"}', $day, ++$orders));

    return $said;
}


sub until_true {
    my ($seconds, $code) = @_;

    return Wenming::Site->until($seconds, $code);
}


sub points {
    return scalar(() = get('var/log/nginx/wenming.checkpoints') =~ /\n/g);
}


sub length_of_journal {
    my ($rc, $said) = shell('wenming journal | wc -l');

    return 0 + $said;
}


# ---- installed as the document says

next_block('keys new', 'keys');
is +(stat "$tmp/etc/wenming/$_")[2] & 0777, 0600, "$_ is nobody else's"
    for qw(keys redis-password redis-admin-password);

next_block('enable --now', 'Redis');
is +(stat "$tmp/run/redis-wenming/redis.sock")[2] & 0777, 0770,
   'the socket is not open to everyone';
is getgrgid((stat _)[5]), 'www-data', 'but to the group of nginx' if $> == 0;

SKIP: {
    skip 'no systemd-analyze', 1 if !-x '/usr/bin/systemd-analyze';

    my ($rc, $said) = Wenming::Site::run('env',
        "SYSTEMD_UNIT_PATH=$root/docs/examples:/lib/systemd/system",
        'systemd-analyze', 'verify', '--man=no', '--recursive-errors=no',
        'redis-server@wenming.service');

    unlike $said, qr{\.service\.d/wenming\.conf:\d+},
           'systemd understands the drop-in';
}

my $said = next_block('staff add', 'the tool');
like $said, qr/^0 failed, 0 warnings$/m, 'the doctor finds nothing';
like $said, qr/added/, 'the data are imported';
my ($password) = $said =~ /^password: (\S+)$/m;
ok $password, 'a worker has a password';

next_block('50-mod-wenming.conf', 'nginx');

# the terminator, before the reload of the next block

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj"
       . " /CN=www.example.gov.cn -keyout"
       . " $tmp/etc/ssl/private/www.example.gov.cn.key -out"
       . " $tmp/etc/ssl/certs/www.example.gov.cn.pem 2>/dev/null") == 0
    or die 'no certificate';
system('cp', "$tmp/docs/examples/nginx-terminator.conf",
       "$tmp/etc/nginx/sites-enabled/terminator") == 0 or die;

$blocks[0] =~ s{(systemctl reload nginx\n)}{$1for i in \$(seq 50); do
    curl -s http://127.0.0.1/wenming/api/health | grep -q '"durable":true' \\
        && break; sleep 0.1; done\n};
$said = next_block('sites-enabled', 'the site');
my ($health) = $doc =~ /^`(\{"district".*?\})`/m;
like $said, qr/\Q$health\E/, 'health is as the document has it';

next_block('cron-wenming', 'backup, checkpoints, monitoring');

$said = next_block('webhook-secret', 'notifications');
like $said, qr/^0 new, 0 sent, 0 failed/m, 'the first run has nothing to tell';

SKIP: {
    skip 'no systemd-analyze', 1 if !-x '/usr/bin/systemd-analyze';

    my ($rc, $said) = Wenming::Site::run('systemd-analyze', 'verify',
        '--man=no', '--recursive-errors=no',
        "$root/docs/examples/wenming-notify.service");

    unlike $said, qr/wenming-notify\.service:\d+/,
           'systemd understands the service';
}


# ---- behind the terminator

is order(), 201, 'an order through the terminator';

my ($rc, $head) = curl('-D', '-', '-o', '/dev/null', '-H',
    'Content-Type: application/json', '-d',
    qq({"name":"demo","password":"$password"}),
    'https://www.example.gov.cn/wenming/api/staff/session');
like $head, qr{^HTTP/\S+ 200}, 'a worker signs in through it';
like $head, qr/^set-cookie: __Host-wm_furong_staff=.*; Secure/mi,
     'the cookie is that of an https address';

my ($cookie) = $head =~ /^set-cookie: ([^;]+)/mi;
($rc, $said) = curl('-b', $cookie || 'none',
    'https://www.example.gov.cn/wenming/api/staff/orders');
like $said, qr/"phone":"13900000001"/, 'and sees the order';

($rc, $said) = curl('-o', "$tmp/out", '-w', '%{http_code}',
    'https://www.example.gov.cn/wenming/api/health');
is $said, 403, 'health is not for those behind the terminator';

($rc, $said) = curl('-o', "$tmp/out", '-w', '%{http_code}', '-H',
    'X-Forwarded-For: 127.0.0.1',
    'https://www.example.gov.cn/wenming/api/health');
is $said, 403, 'whatever they say of themselves';

($rc, $said) = curl('-o', "$tmp/out", '-w', '%{redirect_url}',
    'https://www.example.gov.cn/wenming');
is $said, 'https://www.example.gov.cn/wenming/', 'the short address leads on';

($rc, $said) = curl('-o', "$tmp/out", '-w', '%{http_code}',
    'https://www.example.gov.cn/wenming/');
is $said, 200, 'to the first page';
like get('out'), qr/class="at-home/, 'which is what it shows';
unlike get('var/log/nginx/wenming.log'), qr{/wenming/},
       'the log has no addresses of pages';
like get('var/log/nginx/wenming.log'), qr/^127\.0\.0\.1 \[/,
     'but those of clients';


# ---- backup and restore

ok until_true(10, sub { points() > 0 }), 'a checkpoint is written';

$said = next_block('wenming-backup', 'backup');
like $said, qr/\.tar\.gz/, 'there is a backup';
my $kept = length_of_journal();

is order(), 201, 'an order after the backup';
my $points = points();
shell('systemctl reload nginx');
ok until_true(10, sub { points() > $points }), 'and a checkpoint of it';

$said = next_block('before-restore', 'restore');
like $said, qr/entries \d+-\d+ were dropped at the end/,
     'the audit names what is lost';
is length_of_journal(), $kept, 'the rest is as it was';
like $said, qr/^0 failed/m, 'the doctor finds nothing';
ok until_true(5, sub { order() == 201 }), 'nginx has found Redis again';
is shell('$R ACL LOG') =~ s/\s+//gr, '',
   'Redis had every right to what it loaded';


# ---- the archive

SKIP: {
    skip 'no systemd-analyze', 1 if !-x '/usr/bin/systemd-analyze';

    ($rc, $said) = Wenming::Site::run('systemd-analyze', 'verify',
        '--man=no', '--recursive-errors=no',
        "$root/docs/examples/wenming-archive.service");

    unlike $said, qr{wenming-archive\.service:\d+},
           'systemd understands the unit of the archive';
}

sub archived {
    return shell("sqlite3 -cmd '.timeout 9000' var/lib/wenming/furong.db"
                 . " 'SELECT number FROM archive'") == length_of_entries();
}


sub length_of_entries {
    ($rc, $said) = shell('wenming archive status');

    return $said =~ /^wenming_journal_entries\S+ (\d+)$/m ? $1 : -1;
}

$said = next_block('wenming-archive.service', 'the archive');
like $said, qr/^wenming_archived_entries\{/m, 'how far it is';
ok until_true(5, sub { order() == 201 }), 'an order';
ok until_true(10, \&archived), 'is archived'
    or diag get('var/log/archive');
next_block('.backup', 'a copy of the archive');
ok -s (glob "$tmp/var/backups/wenming/furong-*.db")[0], 'is there';
$said = next_block('/root/drill', 'the drill');
like $said, qr/^restored: \d+ entries/m, 'a Redis is rebuilt';
like $said, qr/^ok: \d+ entries of furong/m, 'with a journal that is whole';

$kept = length_of_journal();
$said = next_block('wenming restore', 'Redis is lost');
like $said, qr/^restored: \d+ entries/m, 'everything is back';
is length_of_journal(), $kept, 'every entry';
ok until_true(5, sub { order() == 201 }), 'an order after that';
ok until_true(20, \&archived), 'is archived again'
    or diag get('var/log/archive');
is shell('$R ACL LOG') =~ s/\s+//gr, '', 'Redis had every right to it';


# ---- upgrade, monitoring

my $old = (stat "$tmp/usr/lib/nginx/modules/ngx_wenming_module.so")[1];
next_block('ngx_wenming_module.so.new', 'upgrade');
isnt +(stat "$tmp/usr/lib/nginx/modules/ngx_wenming_module.so")[1], $old,
     'the module is another file';

# a mapping of the file from before is "(deleted)"

sub runs_new {
    return until_true($_[0], sub {
        my ($pid) = get('run/nginx.pid') =~ /^(\d+)/ or return;
        my @pids = split ' ',
                   Wenming::Site::read_file("/proc/$pid/task/$pid/children");

        return @pids == 2 && !grep {
            Wenming::Site::read_file("/proc/$_/maps")
                !~ /ngx_wenming_module\.so$/m } @pids;
    });
}

shell('systemctl reload nginx');
ok !runs_new(2), 'a reload does not take it';
my ($master) = get('run/nginx.pid') =~ /^(\d+)/;
next_block('kill -USR2', 'a second master');
ok runs_new(10), 'it takes the new module';
ok until_true(10, sub { !kill 0, $master }), 'and the first one ends';
is order(), 201, 'they take orders';

ok until_true(10, sub { points() > 0 }), 'and write checkpoints';
next_block('"durable":true', 'monitoring');

# cron's lines say nothing when all is well

my ($jobs) = "\n" . get('etc/cron.d/wenming')
             . get('etc/cron.d/wenming-notify');
my @jobs = $jobs =~ /^(?:\S+ +){5}root +(.*)$/mg;
is @jobs, 5, 'cron has five jobs';

for my $job (@jobs) {
    ($rc, $said) = shell("sh -c " . "'" . $job =~ s/'/'\\''/gr . "'");
    is $rc, 0, "cron: $job";
    is $said, '', 'it says nothing';
}

# logrotate: the postrotate script after a rename

my ($post) = get('etc/logrotate.d/wenming')
             =~ /postrotate\n(.*?)\n\s*endscript/s;
rename "$tmp/var/log/nginx/wenming.checkpoints",
       "$tmp/var/log/nginx/wenming.checkpoints-20300101" or die $!;
($rc, $said) = shell($post);
is $rc, 0, 'logrotate: the script after it' or diag $said;
ok until_true(5, sub { -e "$tmp/var/log/nginx/wenming.checkpoints" }),
   'checkpoints are reopened';
is order(), 201, 'something new';
shell('systemctl reload nginx');
ok until_true(10, sub { points() > 0 }), 'and it is written there';
($rc, $said) = shell("sh -c " . "'" . $jobs[1] =~ s/'/'\\''/gr . "'");
is $said, '', 'the nightly audit takes both files';


# ---- at two in the morning

shell('$R CONFIG SET maxmemory 1');
ok until_true(5, sub { order() == 503 }), 'no memory: 503';
like get('var/log/nginx/error.log'), qr/Redis answered with error (?:-)?OOM/,
     'the log has the word of the document';
next_block('CONFIG SET maxmemory 2gb', 'memory');
is order(), 201, 'taken again';

shell('$R CONFIG SET appendfsync everysec');
ok until_true(5, sub { order() == 503 }), 'durability is lost: 503';
next_block('CONFIG SET appendfsync', 'durability');
ok until_true(5, sub { order() == 201 }), 'taken again';

$said = next_block('ACL LOG', 'the audit fails');
unlike $said, qr/reason/, 'nobody was refused a right';
ok -s (glob "$tmp/root/journal-*")[0], 'the journal is put aside';

is @blocks, 0, 'every block was run';

my @bad = grep { /\[(?:alert|emerg|crit)\]|signal 11/ }
          split /\n/, get('var/log/nginx/error.log');
ok !@bad, 'nothing in the log that should not be there'
    or diag join "\n", @bad;

end();
