package Wenming::Wordpress;

# A WordPress of its own for a test: Debian's package, with a MariaDB and a
# PHP-FPM that are started for it, in a directory.  Nothing that the machine
# runs is asked or changed.

use strict;
use warnings;
use utf8;

use Carp qw(croak);
use File::Path qw(make_path);
use POSIX qw(WNOHANG);

use Wenming::Example;
use Wenming::Site;

my $SOURCE = '/usr/share/wordpress';
my $LANGUAGES = '/var/lib/wordpress/wp-content/languages';

our $PASSWORD = 'a-Password-4-the-Test';

my @running;
my $owner = $$;


# Why it cannot run here, or nothing.

sub missing {
    my ($fpm) = glob '/usr/sbin/php-fpm*';

    return 'no WordPress here' if !-e "$SOURCE/wp-load.php";
    return 'no PHP-FPM here' if !$fpm;
    return 'no MariaDB here' if !-x '/usr/sbin/mariadbd';
    return;
}


sub start {
    my ($class, $site) = @_;

    my $self = bless {
        site => $site, dir => "$site->{dir}/wp", root => "$site->{dir}/site",
        user => $> == 0 ? 'www-data' : scalar getpwuid $>, pids => []
    }, $class;

    push @running, $self;
    make_path("$self->{dir}/db", "$self->{dir}/tmp");

    $self->copy;
    $self->start_database;
    $self->start_php;

    return $self;
}


sub must {
    my (@command) = @_;

    my ($rc, $said) = Wenming::Site::run(@command);

    croak "@command ended with $rc:\n$said" if $rc;

    return $said;
}


# Links within the package would lead WordPress out of its own directory.

sub copy {
    my ($self) = @_;

    my ($site, $root) = @$self{qw(site root)};

    $site->{port} ||= Wenming::Site::free_port();

    must('cp', '-rL', $SOURCE, $root);
    unlink "$root/.htaccess";
    make_path("$root/wp-content/uploads", "$root/wp-content/languages");

    for my $file (glob "$LANGUAGES/*zh_CN.mo") {
        must('cp', '-L', $file, "$root/wp-content/languages/");
    }

    Wenming::Site::write_file("$root/wp-config.php", <<"END");
<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', 'of-the-test');
define('DB_HOST', 'localhost:$self->{dir}/db.sock');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('AUTH_KEY', 'one');
define('SECURE_AUTH_KEY', 'two');
define('LOGGED_IN_KEY', 'three');
define('NONCE_KEY', 'four');
define('AUTH_SALT', 'five');
define('SECURE_AUTH_SALT', 'six');
define('LOGGED_IN_SALT', 'seven');
define('NONCE_SALT', 'eight');
define('WP_HTTP_BLOCK_EXTERNAL', true);     /* it phones home otherwise */
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HOME', 'http://127.0.0.1:$site->{port}');
define('WP_SITEURL', WP_HOME);
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
END

    must('chmod', '-R', 'a+rX', $root);
    must('chown', '-R', $self->{user}, "$root/wp-content", $self->{dir})
        if $> == 0;

    return;
}


sub spawn {
    my ($self, $log, @command) = @_;

    my $pid = fork;
    die "fork: $!" if !defined $pid;

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log or POSIX::_exit(1);
        open STDERR, '>&', \*STDOUT;
        setpgrp;
        exec @command or POSIX::_exit(127);
    }

    push @{$self->{pids}}, $pid;

    return;
}


sub sql {
    my ($self, $sql) = @_;

    return must(\$sql, 'mariadb', '--no-defaults', '-S', "$self->{dir}/db.sock",
                '-u', 'root', '--batch', '--skip-column-names');
}


sub start_database {
    my ($self) = @_;

    my $dir = $self->{dir};
    my @user = $> == 0 ? "--user=$self->{user}" : ();

    must('mariadb-install-db', '--no-defaults', "--datadir=$dir/db", @user,
         '--auth-root-authentication-method=normal', '--skip-test-db',
         '--skip-name-resolve', '--innodb-log-file-size=8M',
         '--innodb-flush-log-at-trx-commit=0');

    $self->spawn("$dir/db.log", 'mariadbd', '--no-defaults',
                 "--datadir=$dir/db", @user, "--socket=$dir/db.sock",
                 "--pid-file=$dir/db.pid", "--tmpdir=$dir/tmp",
                 '--skip-networking', '--skip-name-resolve',
                 '--innodb-log-file-size=8M', '--innodb-buffer-pool-size=32M',
                 '--innodb-flush-log-at-trx-commit=0',
                 '--character-set-server=utf8mb4');

    $self->{site}->until(30, sub { eval { $self->sql('SELECT 1;') } })
        or die "MariaDB does not start:\n"
               . Wenming::Site::read_file("$dir/db.log");

    $self->sql(<<'END');
CREATE DATABASE wordpress CHARACTER SET utf8mb4;
GRANT ALL ON wordpress.* TO wordpress@localhost IDENTIFIED BY 'of-the-test';
END

    return;
}


sub start_php {
    my ($self) = @_;

    my $dir = $self->{dir};
    my ($fpm) = glob '/usr/sbin/php-fpm*';
    my @user = $> == 0 ? ("user = $self->{user}", "group = $self->{user}",
                          "listen.owner = $self->{user}") : ();

    Wenming::Site::write_file("$dir/fpm.conf", join '', map { "$_\n" }
        '[global]', "pid = $dir/fpm.pid", "error_log = $dir/fpm.log",
        'daemonize = no', '[wordpress]', @user, "listen = $dir/php.sock",
        'listen.mode = 0600', 'pm = static', 'pm.max_children = 3',
        'catch_workers_output = yes', "php_admin_value[sys_temp_dir] = $dir/tmp",
        "php_admin_value[upload_tmp_dir] = $dir/tmp",
        "php_admin_value[session.save_path] = $dir/tmp",
        'php_admin_flag[log_errors] = on',
        "php_admin_value[error_log] = $dir/php.log");

    $self->spawn("$dir/fpm.out", $fpm, '-F', '-y', "$dir/fpm.conf");

    $self->{site}->until(20, sub { -S "$dir/php.sock" })
        or die "PHP-FPM does not start:\n"
               . Wenming::Site::read_file("$dir/fpm.log")
               . Wenming::Site::read_file("$dir/fpm.out");

    return;
}


# What an example has to name differently here.

sub replaced {
    my ($self) = @_;

    my $dir = $self->{site}{dir};

    return (['unix:/run/php/php-fpm.sock', "unix:$self->{dir}/php.sock"],
            ['/usr/share/wordpress', $self->{root}],
            ['include        fastcgi_params;',       # here with a port
             'include /etc/nginx/fastcgi_params;'
             . ' fastcgi_param HTTP_HOST $http_host;']);
}


# The lines of its server before anything of ours came, and with us.

sub server_before {
    my ($self) = @_;

    return Wenming::Example::server(
        Wenming::Example::before('nginx-wordpress.conf', $self->replaced));
}


sub server_after {
    my ($self) = @_;

    my $session = 'wordpress-session.php';
    my $dir = $self->{site}{dir};

    must('install', '-m', '644',
         "$Wenming::Site::ROOT/docs/examples/$session", $dir);

    return Wenming::Example::server(Wenming::Example::text(
        'nginx-wordpress.conf', $self->replaced, Wenming::Example::ours(),
        ['HTTP_HOST $host;', 'HTTP_HOST $http_host;'],
        ["/etc/wenming/$session", "$dir/$session"]));
}


# Its own installation, as somebody would go through it.

sub install {
    my ($self, $browser) = @_;

    my $r = $browser->post('/wp-admin/install.php?step=2', form => {
        weblog_title => '芙蓉文明网', user_name => 'editor',
        admin_password => $PASSWORD, admin_password2 => $PASSWORD,
        pw_weak => 'on',
        admin_email => 'editor@example.com', blog_public => 0,
        language => 'zh_CN' });

    croak "WordPress does not install: $r->{status}\n" . $r->text
        if $r->{status} != 200 || $r->text !~ /wp-login\.php/;

    return $r;
}


sub sign_in {
    my ($self, $browser, $name) = @_;

    $browser->get('/wp-login.php');     # it looks whether cookies come back

    return $browser->post('/wp-login.php', form => {
        log => $name, pwd => $PASSWORD, testcookie => 1,
        redirect_to => "http://127.0.0.1:$self->{site}{port}/" });
}


# What an administrator does with a script rather than by hand: PHP, with
# WordPress loaded; what it prints comes back.

sub php {
    my ($self, $code) = @_;

    my $file = Wenming::Site::write_file("$self->{dir}/do.php", <<"END");
<?php
\$_SERVER['HTTP_HOST'] = '127.0.0.1:$self->{site}{port}';
require '$self->{root}/wp-load.php';
$code
END

    return must($> == 0 ? ('setpriv', '--reuid', $self->{user}, '--regid',
                           $self->{user}, '--clear-groups') : (),
                'php', $file);
}


# A resident with an account at the site, as it would know him.

sub resident {
    my ($self, $login, $name, $phone) = @_;

    my ($last, $first) = $name =~ /^(..)(.*)$/;

    $self->php(sprintf <<'END', $login, $PASSWORD, $last, $first, $phone);
$id = wp_insert_user(array('user_login' => '%s', 'user_pass' => '%s',
    'last_name' => '%s', 'first_name' => '%s', 'role' => 'subscriber'));
update_user_meta($id, 'phone', '%s');
END

    return;
}


# A page of the site.

sub page {
    my ($self, $slug, $title, $html) = @_;

    $self->php(sprintf <<'END', $slug, $title, $html);
kses_remove_filters();
wp_insert_post(array('post_type' => 'page', 'post_status' => 'publish',
    'post_name' => '%s', 'post_title' => '%s',
    'post_content' => <<<'HTML'
%s
HTML
));
END

    return;
}


sub faults {
    my ($self) = @_;

    # its own: at install, and that it may not phone home

    return grep { !/undefined variable \$upload_|wordpress\.org/i }
           split /\n/, Wenming::Site::read_file("$self->{dir}/php.log");
}


sub stop {
    my ($self) = @_;

    my @pids = @{$self->{pids}};

    $self->{pids} = [];
    kill 'TERM', @pids;

    for my $pid (@pids) {
        $self->{site}->until(20, sub { waitpid($pid, WNOHANG) != 0 })
            or do { kill 'KILL', $pid; waitpid $pid, 0 };
    }

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
